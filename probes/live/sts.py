"""One question to AWS as botocore makes it: its model shapes it, its signer signs it, its parser reads the answer.

Nothing of botocore connects, and nothing of it reads a profile: its clients would do both, start credential processes,
ask metadata addresses and try again.
"""

from typing import Any
from urllib.parse import urlencode

ARN_LIMIT = 2048
CODE_LIMIT = 64


class CallerIdentity:
    """`sts:GetCallerIdentity` at an address, in a region. Raises ImportError where botocore is not installed."""

    def __init__(self, url: str, region: str) -> None:
        from botocore.serialize import create_serializer

        self._operation = _operation()
        made = create_serializer(self._operation.service_model.metadata["protocol"]).serialize_to_request(
            {}, self._operation
        )
        self._method = str(made["method"])
        self._url = url + str(made["url_path"])
        self._headers = dict(made["headers"])
        self._region = region
        self.body = urlencode(made["body"])

    def signed(self, key_id: str, secret: str, token: str | None) -> dict[str, str]:
        """The headers of the request with its signature."""
        from botocore.auth import SigV4Auth
        from botocore.awsrequest import AWSRequest
        from botocore.credentials import Credentials

        request = AWSRequest(method=self._method, url=self._url, data=self.body, headers=self._headers)
        SigV4Auth(Credentials(key_id, secret, token), "sts", self._region).add_auth(request)
        return {str(name): str(value) for name, value in request.headers.items()}

    def read(self, status: int, body: bytes) -> tuple[str, str]:
        """The ARN and the code of an error in an answer, each empty where there is none."""
        from botocore.parsers import ResponseParserError, create_parser

        answer = {"status_code": status, "headers": {}, "body": body}
        try:
            parser = create_parser(self._operation.service_model.metadata["protocol"])
            told = parser.parse(answer, self._operation.output_shape)
        except (ResponseParserError, ValueError, TypeError, LookupError, AttributeError):  # they quote the answer
            return "", ""
        error = told.get("Error")
        code = error.get("Code") if isinstance(error, dict) else None
        return _text(told.get("Arn"), ARN_LIMIT), _text(code, CODE_LIMIT)


def _operation() -> Any:
    """The model of the call, as it comes with botocore: the usual loader would take models from the home too."""
    from botocore.loaders import Loader
    from botocore.model import ServiceModel

    loader = Loader(extra_search_paths=[Loader.BUILTIN_DATA_PATH], include_default_search_paths=False)
    return ServiceModel(loader.load_service_model("sts", "service-2"), "sts").operation_model("GetCallerIdentity")


def _text(told: object, limit: int) -> str:
    return told if isinstance(told, str) and len(told) <= limit and told.isascii() and told.isprintable() else ""
