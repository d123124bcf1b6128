"""OpenHands: one confirmation for everything, or none."""
