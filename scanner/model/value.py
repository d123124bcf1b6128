"""What frozen values with something to hide are made of."""

from typing import ClassVar

from msgspec import Struct


class Value(Struct, frozen=True):
    """A frozen value whose repr leaves out the fields named in `concealed`."""

    concealed: ClassVar[frozenset[str]] = frozenset()

    def __repr__(self) -> str:
        shown = (name for name in self.__struct_fields__ if name not in self.concealed)
        return f"{type(self).__name__}({', '.join(f'{name}={getattr(self, name)!r}' for name in shown)})"
