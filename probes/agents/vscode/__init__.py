"""VS Code's agent mode: what the agent in the editor does unasked."""
