"""The two questions to a container engine: the package `docker` shapes and reads them, the one client sends them."""

import re
from typing import Any
from urllib.parse import urlsplit

from probes.containers.objects import Fields
from probes.live.calls import ENGINE_INFO, ENGINE_VERSION
from probes.live.client import Client, Place
from scanner.model import Gap, GapKind

FIRST = "1.24"  # the oldest version of the API that the package knows
VERSION = re.compile(r"[0-9]{1,2}\.[0-9]{1,3}", re.ASCII)
INSTALL = "needs docker: pip install 'armslength[live]'"
STRANGE = "the answer is none of a container engine"


class Unanswered(Exception):
    """That an engine said nothing of use, and the Gap that says so."""

    def __init__(self, gap: Gap) -> None:
        super().__init__()
        self.gap = gap


class Sender:
    """Stands where the package has its own connections: takes what it made, and sends the row that it equals."""

    def __init__(self, client: Client, place: Place) -> None:
        self._client = client
        self._place = place

    def send(self, request: Any, **_: Any) -> Any:
        """One exchange. Raises Unanswered for all but a good answer."""
        from requests import Response

        path = urlsplit(request.url or "").path
        call = ENGINE_INFO if path.endswith(ENGINE_INFO.path) else ENGINE_VERSION
        base = path.removesuffix(call.path)
        shown = self._place.url + path
        if request.method != call.method or request.body or re.fullmatch(call.base, base, re.ASCII) is None:
            raise Unanswered(Gap(GapKind.FAILED, self._place.url, "not asked: docker would ask what is in no row"))
        found = self._client.ask(call, self._place, {"Accept": "application/json"}, base)
        if isinstance(found, Gap):
            raise Unanswered(found)
        if found.status != 200:
            raise Unanswered(_gap(found.status, shown))
        answer = Response()
        answer.status_code = found.status
        answer.request = request
        answer.url = shown
        answer._content = found.body
        return answer

    def close(self) -> None:
        """Nothing is held open."""


def answers(client: Client, place: Place) -> tuple[Fields, Fields] | Gap:
    """What an engine says of its version and of what it is; a Gap where the package is not installed."""
    try:
        from docker.errors import DockerException
        from requests.exceptions import RequestException

        asking = engines(Sender(client, place), place)
    except ImportError:
        return Gap(GapKind.REFUSED, place.url, INSTALL)
    try:
        version, info = _asked(asking)
    except Unanswered as none:
        return none.gap
    except (DockerException, RequestException, ValueError, TypeError, AttributeError, RecursionError):
        return Gap(GapKind.FAILED, place.url, STRANGE)  # their texts quote the answer
    if not (isinstance(version, dict) and isinstance(info, dict)):
        return Gap(GapKind.FAILED, place.url, STRANGE)
    return Fields(version), Fields(info)


def engines(sender: Sender, place: Place) -> Any:
    """The package's client with its connections replaced.

    Its own constructor would read the user's docker settings, and take a proxy from them.
    """
    from docker import APIClient
    from requests import Session

    made = APIClient.__new__(APIClient)
    Session.__init__(made)
    made.trust_env = False
    made.base_url = place.url
    made.timeout = 0  # the one client has its own
    made._general_configs = {}
    made._version = FIRST
    made.adapters.clear()
    made.mount("https://", sender)
    return made


def _asked(asking: Any) -> tuple[Any, Any]:
    """The version, then what it is, in the version of the API that the engine speaks."""
    version = asking.version(api_version=False)
    told = version.get("ApiVersion")
    if isinstance(told, str) and VERSION.fullmatch(told):
        asking._version = told
    return version, asking.info()


def _gap(status: int, place: str) -> Gap:
    match status:
        case 401 | 403:
            return Gap(GapKind.REFUSED, place, f"the engine refused the question ({status})")
        case 429:
            return Gap(GapKind.LIMIT, place, "the engine wants no more questions for now (429)")
    return Gap(GapKind.FAILED, place, f"an answer that is none ({status})")
