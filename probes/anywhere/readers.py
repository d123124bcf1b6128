"""The readers of the files that the walk chose, by the names that the table of groups calls them."""

from functools import cache

from probes.anywhere.reading import Reader


@cache
def reader(name: str) -> Reader:  # noqa: PLR0912 - one case a reader, each loaded when it is first needed
    """The reader of that name. Raises LookupError where there is none."""
    match name:
        case "shapes":
            from probes.anywhere.plain import read as shapes

            return shapes
        case "history":
            from probes.anywhere.histories import read as histories

            return histories
        case "swapped":
            from probes.anywhere.swapped import read as swapped

            return swapped
        case "assigned" | "hooks":
            from probes.anywhere.assigned import read as assigned

            return assigned
        case "sources":
            from probes.anywhere.sources import read as sources

            return sources
        case "json":
            from probes.anywhere.json_document import read as json_document

            return json_document
        case "yaml":
            from probes.anywhere.yaml_document import read as yaml_document

            return yaml_document
        case "toml":
            from probes.anywhere.toml_document import read as toml_document

            return toml_document
        case "ini":
            from probes.anywhere.ini_lines import read as ini_lines

            return ini_lines
        case "properties":
            from probes.anywhere.properties import read as properties

            return properties
        case "xml":
            from probes.anywhere.xml_text import read as xml_text

            return xml_text
        case "hcl":
            from probes.anywhere.hcl import read as hcl

            return hcl
        case "notebook":
            from probes.anywhere.notebooks import read as notebooks

            return notebooks
        case "settings" | "logins":
            from probes.anywhere.settings import read as settings

            return settings
        case "lone":
            from probes.anywhere.lone import read as lone

            return lone
        case "notes" | "instructions":
            from probes.anywhere.notes import read as notes

            return notes
        case "netrc":
            from probes.anywhere.logins import read_netrc

            return read_netrc
        case "pgpass":
            from probes.anywhere.logins import read_pgpass

            return read_pgpass
    raise LookupError(name)
