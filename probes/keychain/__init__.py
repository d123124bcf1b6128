"""Keychains: which lie on this machine, what opens them, and the logins in them that a person has named."""
