"""Limits for one user or address: request rate, concurrent requests, buffered responses."""
