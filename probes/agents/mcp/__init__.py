"""MCP servers of coding agents: where they are configured, what they start, and the secrets that stand there."""
