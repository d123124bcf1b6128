"""Codex: where its settings lie, and whether it is here."""
