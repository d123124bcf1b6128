"""detect-secrets alone, in process, on files that it is told to read: what it finds where it need not look.

    python bench/told.py HOME LIST

LIST holds paths below HOME, one a line as JSON. Prints what the tool's own baseline would, with all plugins and nothing
verified over the network. It reads whole files into memory, so long ones are not given to it.
"""

import json
import stat
import sys
from pathlib import Path

from detect_secrets.core.scan import scan_file
from detect_secrets.settings import default_settings

LONGEST = 1 << 20


def short(path: Path) -> bool:
    """Whether it is a regular file that can be read into memory; links are not followed."""
    try:
        found = path.lstat()
    except OSError:  # a path beyond what the system takes, or one that this user may not look at
        return False
    return stat.S_ISREG(found.st_mode) and found.st_size <= LONGEST


def main() -> int:
    home, listed = Path(sys.argv[1]), Path(sys.argv[2])
    results = {}
    with default_settings() as settings:
        settings.disable_filters("detect_secrets.filters.common.is_ignored_due_to_verification_policies")
        for line in listed.read_text().splitlines():
            path = json.loads(line)
            if short(home / path):
                results[path] = [{"line_number": each.line_number} for each in scan_file(str(home / path))]
    print(json.dumps({"results": results}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
