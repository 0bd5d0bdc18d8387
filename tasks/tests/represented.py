"""Tasks in the API's JSON format, for tests of file formats."""

import datetime
import uuid
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from tasks.formats.entries import utc_text

ID = "0b6f5a3e-6f8a-4a57-9a4e-5a4f5f0f7c11"
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC")
RULES = ("FREQ=DAILY", "FREQ=WEEKLY;BYDAY=MO,TH", "FREQ=MONTHLY;INTERVAL=2;BYMONTHDAY=-1")
# The second alphabet has the characters with a meaning in CSV files, spreadsheets and calendars.
ANY_TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=60) | st.text(
    "'\"=+-@,;:\\Nn \t\r\n", max_size=12
)


def represented(**fields: Any) -> dict[str, Any]:
    """Returns an open task with a title only, changed by the fields."""
    return {
        "id": ID,
        "user_id": "alice",
        "title": "Buy milk",
        "description": None,
        "completed": False,
        "completed_at": None,
        "priority": "medium",
        "due_date": None,
        "due_at": None,
        "time_zone": None,
        "remind_at": None,
        "repeat": None,
        "tags": [],
        "created_at": "2026-11-20T13:35:04Z",
        "updated_at": "2026-11-20T13:35:04Z",
        "deleted_at": None,
        **fields,
    }


def instants() -> st.SearchStrategy[str]:
    """Times in whole seconds, which are all that a calendar can tell."""
    start = datetime.datetime(1971, 1, 1, tzinfo=datetime.UTC)
    seconds = st.integers(0, 90 * 365 * 86_400)
    return seconds.map(lambda number: utc_text(start + datetime.timedelta(seconds=number)))


@st.composite
def tasks(draw: Callable[[st.SearchStrategy[Any]], Any]) -> dict[str, Any]:
    """Tasks of any kind that the API may return, apart from those in the trash."""
    text = ANY_TEXT.map(str.strip).filter(bool)
    completed = draw(st.booleans())
    task = represented(
        id=str(draw(st.uuids().filter(lambda value: value != uuid.UUID(int=0)))),
        title=draw(text),
        description=draw(st.none() | ANY_TEXT),
        completed=completed,
        completed_at=draw(instants()) if completed else None,
        priority=draw(st.sampled_from(["low", "medium", "high", "urgent"])),
        remind_at=draw(st.none() | instants()),
        tags=draw(
            st.lists(text.map(lambda tag: tag[:50].strip()), max_size=4, unique_by=str.casefold)
        ),
        created_at=draw(instants()),
    )
    due = draw(st.sampled_from(["none", "date", "time"]))
    if due == "date":
        task["due_date"] = draw(st.dates()).isoformat()
    elif due == "time":
        zone = draw(st.sampled_from(ZONES))
        task |= {"due_at": draw(instants()), "time_zone": zone}
    if due != "none" and draw(st.booleans()):
        source = draw(st.sampled_from(["due", "completion"]))
        task["repeat"] = {"rule": draw(st.sampled_from(RULES)), "from": source}
    return task
