"""The least-privilege baseline: its grammar with every error in its place, what contracts extend, and how it reads."""
