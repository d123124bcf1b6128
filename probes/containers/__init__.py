"""Container engines: sockets, groups and addresses that open them, and the registry logins that their tools keep."""
