"""The reader of each media type, and the text of a request body."""

from collections.abc import Callable, Iterator
from zoneinfo import ZoneInfo

from tasks.formats import calendar_files, csv_files, json_files
from tasks.formats.entries import Result

Reader = Callable[[str, ZoneInfo], Iterator[Result]]

READERS: dict[str, Reader] = {
    "application/json": json_files.read,
    "text/csv": csv_files.read,
    "text/tab-separated-values": csv_files.read,
    "application/vnd.ms-excel": csv_files.read,  # browsers on Windows, for .csv
    "text/calendar": calendar_files.read,
}


def reader_for(content_type: str) -> Reader:
    """Returns the reader of a Content-Type. Parameters are ignored. Raises ValueError.

    A reader, or its iterator, raises ValueError if the file as a whole cannot be read, and after
    5,000 tasks.
    """
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type not in READERS:
        raise ValueError("Expected application/json, text/csv or text/calendar")
    return READERS[media_type]


def decoded(body: bytes) -> str:
    """Returns the text of a UTF-8 file, without its byte order mark.

    Raises ValueError with the position of the first byte that is not UTF-8.
    """
    try:
        return body.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as exc:
        raise ValueError(f"The file is not UTF-8: byte {exc.start + 1}") from exc
