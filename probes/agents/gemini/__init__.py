"""Gemini CLI: how it may act, by its settings and its rules."""
