"""Augment: what its agent in the terminal and in editors does unasked."""
