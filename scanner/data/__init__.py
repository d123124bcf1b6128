"""Versioned data and its loaders: what each kind, class, gate and environment means."""
