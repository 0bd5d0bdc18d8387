"""Limits on how much a user may have in work, or in memory, at a time."""
