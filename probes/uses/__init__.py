"""What agents really used, as their own records tell it."""
