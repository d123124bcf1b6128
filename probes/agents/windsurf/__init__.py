"""Windsurf and Devin: what the agent in the editor and the one in the terminal do unasked."""
