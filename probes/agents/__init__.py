"""What the coding agents on this machine are set up to use."""
