"""GitHub's command line and what is signed in beside it, and the command lines of the other forges."""
