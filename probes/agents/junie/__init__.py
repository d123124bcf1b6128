"""JetBrains Junie: its list of actions that run unasked."""
