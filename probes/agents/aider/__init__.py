"""Aider: one confirmation for everything, and commands that it runs after its changes."""
