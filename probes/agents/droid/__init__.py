"""Factory's droid: its autonomy level, the lists of commands, and its sandbox."""
