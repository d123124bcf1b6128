"""Questions to providers about what was found: few, read-only, to pinned hosts, and only when a person says --live."""
