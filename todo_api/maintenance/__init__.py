"""Maintenance tasks, called by management commands."""
