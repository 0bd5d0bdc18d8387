"""Content lines of calendars (RFC 5545, section 3.1)."""

import datetime
import re

from icalendar.parser import Contentline

# Not allowed in a text (section 3.3.11), apart from the line feed, which is escaped.
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def line(name: str, value: str) -> str:
    """Returns a content line, folded, with CRLF. The value is of a type other than text."""
    folded: bytes = Contentline(f"{name}:{value}").to_ical()
    return folded.decode() + "\r\n"


def text_line(name: str, *texts: str) -> str:
    """Returns the content line of a text, or of a list of texts."""
    return line(name, ",".join(map(_escaped, texts)))


def utc_line(name: str, moment: str) -> str:
    """Returns the content line of a time in the API's format. Fractions of a second are cut."""
    return line(name, utc(datetime.datetime.fromisoformat(moment)))


def utc(moment: datetime.datetime) -> str:
    return _digits(moment.astimezone(datetime.UTC)) + "Z"


def local(moment: datetime.datetime) -> str:
    return _digits(moment)


def _digits(moment: datetime.datetime) -> str:
    # strftime writes a year before 1000 without its zeros.
    return moment.replace(microsecond=0, tzinfo=None).isoformat().translate({45: None, 58: None})


def _escaped(text: str) -> str:
    r"""Returns an escaped text. icalendar's vText would turn the two characters `\N` into a line
    feed.
    """
    text = CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    for character in "\\;,":
        text = text.replace(character, "\\" + character)
    return text.replace("\n", "\\n")
