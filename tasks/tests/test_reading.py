"""The choice of a reader, and the text of a body."""

import re
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tasks.formats import calendar_files, csv_files, json_files
from tasks.formats.entries import Entry
from tasks.formats.reading import decoded, reader_for
from tasks.tests.represented import represented


@pytest.mark.parametrize(
    ("content_type", "reader"),
    [
        ("application/json", json_files.read),
        ("Text/CSV; charset=utf-8", csv_files.read),
        ("text/tab-separated-values", csv_files.read),
        ("text/calendar;component=VTODO", calendar_files.read),
    ],
)
def test_the_reader_is_chosen_by_content_type(content_type: str, reader: Any) -> None:
    assert reader_for(content_type) is reader


@pytest.mark.parametrize("content_type", ["", "text/plain", "text", "application/xml"])
def test_another_content_type_is_refused(content_type: str) -> None:
    with pytest.raises(ValueError, match="Expected application/json, text/csv or text/calendar"):
        reader_for(content_type)


def test_a_byte_order_mark_is_removed() -> None:
    file = "".join(csv_files.write([represented()], byte_order_mark=True))

    text = decoded(file.encode())

    assert text == file[1:]
    (entry,) = reader_for("text/csv")(text, ZoneInfo("UTC"))
    assert isinstance(entry, Entry)


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_text_that_is_not_utf_8_is_refused_with_its_position(mark: bytes) -> None:
    message = f"The file is not UTF-8: byte {len(mark) + 4}"

    with pytest.raises(ValueError, match=re.escape(message)):
        decoded(mark + "abcé".encode("latin-1"))
