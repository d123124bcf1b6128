"""Amazon Q Developer CLI, and what Kiro's command line took over from it."""
