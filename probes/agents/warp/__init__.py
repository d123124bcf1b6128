"""Warp: the profiles of its agent."""
