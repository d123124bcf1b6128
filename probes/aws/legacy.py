"""Key pairs in the files of boto 2 and s3cmd."""

from collections.abc import Iterator

from probes.aws.around import Around
from probes.aws.keys import key_pairs
from probes.aws.profiles import ID, SECRET, Block, Settings, broken, read_once
from probes.aws.reads import BOTO, S3CMD
from probes.ini import parse
from scanner.host import TextFile
from scanner.model import Gap, Observation

S3CMD_SPELLS = (
    (ID, "access_key"),
    (SECRET, "secret_key"),
    ("aws_session_token", "access_token"),
    ("region", "bucket_location"),
)


def legacy_keys(around: Around) -> Iterator[Observation]:
    """The pairs of every section of these files."""
    for pattern, spelled in ((BOTO, ()), ((S3CMD,), S3CMD_SPELLS)):
        for found in read_once(around.host, *pattern):
            match found:
                case Gap():
                    yield found
                case TextFile():
                    yield from broken(around.host, found)
                    for section in parse(found.text).merged().values():
                        label = f"section [{section.name}] of {found.path.name}"
                        yield from key_pairs(Settings(section.name, label, (Block(found, section, spelled),)), around)
