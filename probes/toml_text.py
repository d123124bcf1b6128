"""TOML as text of a stranger's: Python's reader takes time that grows with the square of a key's parts."""

from collections.abc import Mapping

DOTS = 500  # in one line: no key has so many parts, and hardly a value so many dots


class NoToml(Exception):
    """The text is no TOML, or more than is read of one; what it is, is not said."""


def toml_of(text: str) -> Mapping[str, object]:
    """What a TOML text holds. Raises NoToml."""
    import tomllib

    if any(line.count(".") > DOTS for line in text.split("\n")):
        raise NoToml
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError):  # its message quotes the text
        raise NoToml from None
