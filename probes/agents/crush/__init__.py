"""Crush: what its settings allow, and what a repository may add to them."""
