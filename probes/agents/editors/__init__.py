"""VS Code and its forks: whose settings count for a folder, and what their database keeps for an extension."""
