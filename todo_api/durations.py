"""Spans of time as people write them in a command line: 90d, 12h."""

import re
from argparse import ArgumentTypeError
from datetime import timedelta

UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def duration(text: str) -> timedelta:
    """For `add_argument(type=…)`. Never zero: "older than nothing" would be everything."""
    found = re.fullmatch(r"([1-9][0-9]{0,4})([mhdw])", text)
    if not found:
        raise ArgumentTypeError(f"{text!r}: expected a number and m, h, d or w, such as 90d or 12h")
    return timedelta(**{UNITS[found[2]]: int(found[1])})
