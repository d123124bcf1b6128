"""detect-secrets alone, in process, on files that it is told to read: what it finds where it need not look.

    python bench/told.py HOME LIST

LIST holds paths below HOME, one a line as JSON. Prints what the tool's own baseline would, with all plugins and nothing
verified over the network.
"""

import json
import sys
from pathlib import Path

from detect_secrets.core.scan import scan_file
from detect_secrets.settings import default_settings


def main() -> int:
    home, listed = Path(sys.argv[1]), Path(sys.argv[2])
    results = {}
    with default_settings() as settings:
        settings.disable_filters("detect_secrets.filters.common.is_ignored_due_to_verification_policies")
        for line in listed.read_text().splitlines():
            path = json.loads(line)
            found = [{"line_number": each.line_number} for each in scan_file(str(home / path))]
            if found:
                results[path] = found
    print(json.dumps({"results": results}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
