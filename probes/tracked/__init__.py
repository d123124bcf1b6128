"""Whether git tracks, ignores or would take along the files that secrets were seen in."""
