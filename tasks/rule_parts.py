"""The text of repeat rules: the accepted parts of RFC 5545's recurrence rules (section 3.3.10)."""

import re
from collections.abc import Iterator
from datetime import datetime

LENGTH = 255
# The parts in their canonical order: the pattern of a value, or of an item of a list, and its
# description for users.
PARTS = {
    "FREQ": (r"DAILY|WEEKLY|MONTHLY|YEARLY", "DAILY, WEEKLY, MONTHLY or YEARLY"),
    "INTERVAL": (r"0*[1-9]\d{0,2}", "a number from 1 to 999"),
    "BYMONTH": (r"0*([1-9]|1[0-2])", "months from 1 to 12"),
    "BYMONTHDAY": (r"[+-]?0*([1-9]|[12]\d|3[01])", "days from 1 to 31 or from -1 to -31"),
    "BYDAY": (
        r"([+-]?0*([1-9]|[1-4]\d|5[0-3]))?(MO|TU|WE|TH|FR|SA|SU)",
        "weekdays such as MO or, with FREQ=MONTHLY or FREQ=YEARLY, 1MO or -1FR",
    ),
    "BYSETPOS": (
        r"[+-]?0*([1-9]\d?|[12]\d\d|3[0-5]\d|36[0-6])",
        "positions from 1 to 366 or from -1 to -366",
    ),
    "COUNT": (r"0*[1-9]\d{0,3}", "a number from 1 to 9999"),
    "UNTIL": (
        r"\d{8}(T([01]\d|2[0-3])([0-5]\d){2}Z?)?",
        "a date such as 20261231, 20261231T235959 or 20261231T235959Z",
    ),
    # The default, which calendar programs write. It is not kept.
    "WKST": (r"MO", "MO, Monday"),
}


def checked_parts(text: str) -> dict[str, str]:
    """Returns the canonical parts of a rule, in the order of PARTS: upper case, numbers without
    plus signs and leading zeros, lists without repeated items. Raises ValueError with a sentence
    for the user. "RRULE:" in front is ignored.
    """
    if not (text.isascii() and 0 < len(text) <= LENGTH):
        raise ValueError(f"A repeat rule must have 1 to {LENGTH} characters, all of them ASCII")
    parts: dict[str, str] = {}
    for part in text.upper().removeprefix("RRULE:").split(";"):
        name, _, value = part.partition("=")
        if name not in PARTS:
            raise ValueError(
                f"{name[:20]!r} is not accepted in a repeat rule, which must consist of "
                f"{', '.join(PARTS)}, such as FREQ=WEEKLY;BYDAY=MO"
            )
        if name in parts:
            raise ValueError(f"{name} must not occur twice in a repeat rule")
        parts[name] = _canonical_value(name, value)
    for is_wrong, message in _contradictions(parts):
        if is_wrong:
            raise ValueError(message)
    return {name: parts[name] for name in PARTS if name in parts and name != "WKST"}


def parts_of(rule: str) -> dict[str, str]:
    """Returns the parts of a canonical rule."""
    return dict(part.split("=") for part in rule.split(";"))


def text_of(parts: dict[str, str]) -> str:
    """Returns the rule of canonical parts."""
    return ";".join(f"{name}={value}" for name, value in parts.items())


def largest_ordinal(parts: dict[str, str]) -> int:
    """Returns how often a weekday can occur in what its number in BYDAY counts: months or years."""
    return 5 if parts.get("FREQ") == "MONTHLY" or "BYMONTH" in parts else 53


def _canonical_value(name: str, value: str) -> str:
    pattern, accepted = PARTS[name]
    items = value.split(",") if name.startswith("BY") else [value]
    if not all(re.fullmatch(pattern, item) for item in items):
        raise ValueError(f"{name} of a repeat rule must be {accepted}")
    if name == "UNTIL":
        try:
            datetime.fromisoformat(value)
        except ValueError:
            raise ValueError(f"{name} of a repeat rule must be {accepted}") from None
        return value
    return ",".join(dict.fromkeys(re.sub(r"\+|(?<!\d)0+", "", item) for item in items))


def _contradictions(parts: dict[str, str]) -> Iterator[tuple[bool, str]]:
    """Yields whether a rule about several parts is broken, and the message about it."""
    frequency, most = parts.get("FREQ"), largest_ordinal(parts)
    ordinals = [int(number) for number in re.findall(r"-?\d+", parts.get("BYDAY", ""))]
    yield frequency is None, f"A repeat rule must have FREQ: {PARTS['FREQ'][1]}"
    yield "COUNT" in parts and "UNTIL" in parts, "A repeat rule must not have COUNT and UNTIL both"
    yield (
        frequency == "WEEKLY" and "BYMONTHDAY" in parts,
        "BYMONTHDAY is accepted with FREQ=DAILY, FREQ=MONTHLY or FREQ=YEARLY, not with FREQ=WEEKLY",
    )
    yield (
        frequency in ("DAILY", "WEEKLY") and bool(ordinals),
        "Numbers in BYDAY, such as -1FR, are accepted with FREQ=MONTHLY or FREQ=YEARLY only",
    )
    yield (
        any(abs(ordinal) > most for ordinal in ordinals),
        f"Numbers in BYDAY must be from 1 to {most} or from -1 to -{most} here: "
        f"they count the weekdays of a {'month' if most == 5 else 'year'}",
    )
    yield (
        "BYSETPOS" in parts and not parts.keys() & {"BYMONTH", "BYMONTHDAY", "BYDAY"},
        "BYSETPOS is accepted only together with BYMONTH, BYMONTHDAY or BYDAY",
    )
