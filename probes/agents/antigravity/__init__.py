"""Google Antigravity, the editor and its command line tool, as far as others have found out how they act."""
