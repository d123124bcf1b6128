"""Git: its configuration, the logins it keeps, and the repositories that they push to."""
