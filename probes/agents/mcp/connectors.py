"""Connectors that lie on a vendor's account: where someone is signed in they act, and no file lists them."""

from collections.abc import Iterator

from probes.agents.documents import Documents
from probes.agents.mcp.claude import known
from scanner.data.kinds import implied
from scanner.data.mcp import Vendor, mcp
from scanner.model import Evidence, HandleSeen, Step


def connectors(documents: Documents) -> Iterator[HandleSeen]:
    """One handle for each sign-in; those of one vendor are one."""
    for vendor in mcp().vendor:
        if not _is_off(vendor, documents):
            yield from _of(vendor, documents)


def _of(vendor: Vendor, documents: Documents) -> Iterator[HandleSeen]:
    for sign_in in vendor.sign_in:
        for document in documents.read(sign_in.files):
            node = document.root.at(*sign_in.at)
            if node is None or not (node.members or node.text):
                continue
            yield HandleSeen(
                kind="handle.connectors",
                evidence=Evidence(document.path, node.line, ".".join(sign_in.at)),
                channel=f"call the tools of {vendor.title} through {sign_in.client}",
                public_id=vendor.id,
                grants=implied("handle.connectors", vendor.id),
                names=(vendor.title,),
                undecided=Step(
                    f"{vendor.title} are kept on the account; no file on this machine lists them",
                    f"open {vendor.page}, and see what is connected there",
                ),
            )


def _is_off(vendor: Vendor, documents: Documents) -> bool:
    return bool(vendor.off) and any(setting.flag(vendor.off) for setting in known(documents) if setting.project is None)
