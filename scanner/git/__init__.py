"""What git keeps of a repository, read without git: its index, and the rules of what it ignores."""
