"""Zed's own agent: permissions by tool, in regular expressions."""
