"""Permission hygiene: what in agents' own settings is left over, useless, wider than its use, or theirs to rewrite."""
