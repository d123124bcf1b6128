"""Roo Code: what the agent in an editor does unasked."""
