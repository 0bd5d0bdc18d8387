#!/usr/bin/env python
"""Django's command-line utility for administrative tasks."""

import os
import sys


def main():
    """Run administrative tasks."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "todo_api.settings")
    try:
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line
    except ImportError:
        sys.exit(
            f"Django is not installed for {sys.executable}.\n"
            "On a development machine: `make doctor`, `make run`, or .venv/bin/python manage.py.\n"
            "Elsewhere: pip install -r requirements.txt"
        )
    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as exc:
        sys.exit(str(exc))  # the list of invalid variables, without a trace


if __name__ == "__main__":
    main()
