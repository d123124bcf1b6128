"""The version of the tool, the one place where it is said."""

__version__ = "0.1.0"
