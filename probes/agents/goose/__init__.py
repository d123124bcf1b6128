"""Goose: one mode for everything, and lists of tools by name."""
