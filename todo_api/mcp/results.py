"""The results of tools: small, because an agent pays for each word of them."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson

from todo_api.web.rendering import encoded

# A list shows the beginning of a description; get_task returns it whole.
SHOWN_CHARACTERS = 200
HIDDEN = {"user_id"}
HIDDEN_IN_LISTS = HIDDEN | {"created_at", "updated_at"}


def task(row: Mapping[str, Any]) -> dict[str, Any]:
    """Returns a task in the format of the API, without members that are empty."""
    found: dict[str, Any] = orjson.loads(encoded(without(row, HIDDEN)))
    return found


def tasks(rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Returns the tasks of a list, with the beginning of their descriptions."""
    shown = [without(row, HIDDEN_IN_LISTS) for row in rows]
    for each in shown:
        if len(text := each.get("description", "")) > SHOWN_CHARACTERS:
            each["description"] = f"{text[:SHOWN_CHARACTERS]}…"
    found: list[dict[str, Any]] = orjson.loads(encoded(shown))
    return found


def without(row: Mapping[str, Any], hidden: set[str]) -> dict[str, Any]:
    empty: Any = (None, "", [])
    return {name: value for name, value in row.items() if name not in hidden and value not in empty}


def next_cursor(headers: Mapping[str, str]) -> str:
    """Returns the cursor of the next page from the header Link; "" on the last page."""
    address = headers.get("Link", "").partition(">")[0].lstrip("<")
    return parse_qs(urlsplit(address).query).get("cursor", [""])[0]
