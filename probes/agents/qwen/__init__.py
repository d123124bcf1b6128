"""Qwen Code, a fork of Gemini CLI with rules of its own: how it may act, by its settings."""
