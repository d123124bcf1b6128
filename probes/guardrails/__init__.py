"""Protections of workspaces and of the machine: hooks, CI, owners, containers, audit trails, gateways."""
