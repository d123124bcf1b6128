"""Secrets wherever else they lie: files whose names tell that they may hold some, read by what they are."""
