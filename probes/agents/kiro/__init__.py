"""Kiro: its editor and its command line, in the rules of three generations."""
