"""Cells of a CSV file. No cell runs as a formula in a spreadsheet program."""

import csv
import io
import re
from collections.abc import Iterable

# The beginnings that OWASP's page "CSV Injection" lists, after any white space, and the wide forms.
# An apostrophe in front of such a text, of an empty text and of an apostrophe in front of such a
# text makes it plain text. Reading removes exactly one, so that each text is read back equal.
GUARDED = re.compile(r"'*(?:[\t\r\n]|\s*[=+\-@\uff1d\uff0b\uff0d\uff20]|\Z)")


class _Line:
    """A file that returns what is written to it."""

    def write(self, line: str) -> str:
        return line


def line_of(cells: Iterable[str]) -> str:
    """Returns a line of a CSV file (RFC 4180), with CRLF."""
    line: str = csv.writer(_Line(), lineterminator="\r\n").writerow(cells)
    return line


def guarded(text: str | None) -> str:
    """Returns the cell of a text. A cell of null is empty, a cell of "" is an apostrophe."""
    if text is None:
        return ""
    return f"'{text}" if GUARDED.match(text) else text


def unguarded(cell: str) -> str | None:
    """Returns the text of a cell that `guarded` returned, or of any other cell."""
    if not cell:
        return None
    return cell[1:] if cell[0] == "'" and GUARDED.match(cell, 1) else cell


def tags_cell(tags: list[str]) -> str:
    """Returns tags as one CSV line, without the line end, so that a comma in a tag survives."""
    return line_of(tags).removesuffix("\r\n") if tags else ""


def tags_of(cell: str) -> list[str]:
    """Returns the tags of a cell. Raises csv.Error."""
    rows = csv.reader(io.StringIO(cell, newline=""), strict=True, skipinitialspace=True)
    return [tag for row in rows for tag in row if tag.strip()]
