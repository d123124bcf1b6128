"""Two reports compared: who is who, what was looked at, which ways moved, and what brought it about."""
