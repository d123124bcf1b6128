"""An MCP server in place of the person: whoever asks it for leave is told no, in words that the oracle knows.

Its other tools are there to be called: `look` says that it only reads, `change` that it destroys, `plain` says
nothing, `write` writes although it says that it only reads, `variables` lists the names in its environment.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

ASKED = "ORACLE-ASKED"
ANY = {"type": "object", "properties": {}, "additionalProperties": True}
TOOLS = [
    {"name": "ask", "description": "Asks the person.", "inputSchema": ANY},
    {"name": "look", "description": "Looks.", "inputSchema": ANY, "annotations": {"readOnlyHint": True}},
    {"name": "change", "description": "Changes.", "inputSchema": ANY, "annotations": {"destructiveHint": True}},
    {"name": "plain", "description": "Does.", "inputSchema": ANY},
    {"name": "write", "description": "Writes.", "inputSchema": ANY, "annotations": {"readOnlyHint": True}},
    {"name": "variables", "description": "Lists names.", "inputSchema": ANY, "annotations": {"readOnlyHint": True}},
]


def called(name: str, given: dict[str, str]) -> str:
    match name:
        case "ask":
            return json.dumps({"behavior": "deny", "message": ASKED})
        case "variables":
            return "VARIABLES " + " ".join(sorted(os.environ))
        case "write":
            Path(given["path"]).write_text("written")
            return "MARKER-WROTE"
        case _:
            return "MARKER-MCP"


def result(method: str, parameters: dict[str, Any]) -> dict[str, Any]:
    match method:
        case "initialize":
            version = parameters.get("protocolVersion", "2025-06-18")
            server = {"name": "person", "version": "1"}
            return {"protocolVersion": version, "capabilities": {"tools": {}}, "serverInfo": server}
        case "tools/list":
            return {"tools": TOOLS}
        case "tools/call":
            return {
                "content": [{"type": "text", "text": called(parameters["name"], parameters.get("arguments") or {})}]
            }
        case _:
            return {}


def serve() -> None:
    for line in sys.stdin:
        request = json.loads(line)
        if "id" in request and "method" in request:
            answer = {
                "jsonrpc": "2.0",
                "id": request["id"],
                "result": result(request["method"], request.get("params") or {}),
            }
            print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    serve()
