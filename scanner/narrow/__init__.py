"""What is let run only in a sandbox: the sandbox itself, and talks with what runs in it."""
