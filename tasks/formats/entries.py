"""Results of reading a file: an Entry for each readable task, a Problem for each other one."""

import datetime
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import orjson

from todo_api.web.rendering import encoded

MAX_ENTRIES = 5_000
# A longer id, or one with control characters, is replaced by its hash.
KEY_LENGTH = 200
IN_THE_TRASH = "The task is in the trash; not imported"


class Entry(NamedTuple):
    """A task of a file, not validated.

    `fields` are members of a request body for TaskSerializer, and if known `completed_at` and
    `created_at`, which are valid UTC times in ISO format. `key` identifies the task in its source:
    the same file has the same keys each time.
    """

    line: int
    key: str
    fields: dict[str, Any]


class Problem(NamedTuple):
    """A task that cannot be read: its line, and a message with the expected format."""

    line: int
    message: str


Result = Entry | Problem


class Keys:
    """Keys of the tasks of one file."""

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()

    def key(self, own_id: object, content: Any) -> str:
        """Returns the task's own id, or a hash of its content with its number among equal ones.

        Raises ValueError if the content is nested too deeply.
        """
        if isinstance(own_id, int) and own_id is not True:
            own_id = str(own_id)
        if isinstance(own_id, str) and own_id:
            is_usable = len(own_id) <= KEY_LENGTH and own_id.isprintable()
            return own_id if is_usable else _hash(own_id)
        digest = _hash(content)
        self._seen[digest] += 1
        return f"{digest}:{self._seen[digest]}"


def _hash(content: Any) -> str:
    try:
        text = orjson.dumps(content, option=orjson.OPT_SORT_KEYS)
    except TypeError as exc:
        raise ValueError("The task is nested too deeply") from exc
    return hashlib.sha256(text).hexdigest()


def bounded(results: Iterable[Result]) -> Iterator[Result]:
    """Yields the results. Raises ValueError when there are more than MAX_ENTRIES."""
    for number, result in enumerate(results):
        if number == MAX_ENTRIES:
            raise ValueError(f"More than {MAX_ENTRIES:,} tasks; split the file")
        yield result


def utc_text(moment: datetime.datetime) -> str:
    """Returns an aware time in the API's format: UTC in ISO format, with Z."""
    return moment.astimezone(datetime.UTC).isoformat().replace("+00:00", "Z")


def instant(name: str, value: object) -> str:
    """Returns a time with an offset in the API's format. Raises ValueError with the name."""
    try:
        moment = datetime.datetime.fromisoformat(value) if isinstance(value, str) else None
        if moment and moment.tzinfo:
            return utc_text(moment)
    except (ValueError, OverflowError):
        pass
    raise ValueError(f"{name}: expected a time such as 2026-01-31T09:30:00Z, not {shown(value)}")


def shown(value: object) -> str:
    """Returns a value of the file for a message, shortened."""
    if not isinstance(value, str):
        return f"a value of type {type(value).__name__}"
    return repr(value if len(value) <= 60 else value[:60] + "…")


def each_once(tags: Iterable[str]) -> list[str]:
    """Returns the first of the tags that are equal without case."""
    first: dict[str, str] = {}
    for tag in tags:
        first.setdefault(tag.casefold(), tag)
    return list(first.values())


def plain(task: Any) -> dict[str, Any]:
    """Returns a represented task with texts for its id, dates and times, as in responses."""
    members: dict[str, Any] = orjson.loads(encoded(task))
    return members
