"""Terraform and OpenTofu: states, selected workspaces, backends and tokens."""
