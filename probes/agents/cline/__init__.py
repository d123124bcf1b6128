"""Cline: the agent in editors, and the data folder that it shares with its command line."""
