"""Entity tags of tasks (RFC 9110 section 8.8.3): a task's version is the moment of its last change.

That moment only ever grows (tasks.models.later), so that one tag never names two versions, and a
condition can be part of the UPDATE itself: nobody can slip in between the look and the write.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from django.utils.http import parse_etags
from rest_framework.request import Request

from tasks.contract import contract_mark

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  (UTC without saying so, as rows have it)
MICROSECOND = timedelta(microseconds=1)


def etag_of(updated_at: datetime) -> str:
    """The strong tag of a version: its microseconds since the epoch, in hexadecimal, and the mark
    of the contract: a browser's copy in another shape is another representation.
    """
    return f'"{(updated_at - EPOCH) // MICROSECOND:x}{contract_mark()}"'


def demanded_versions(request: Request) -> list[datetime] | None:
    """The versions that `If-Match` allows; None without it, and for `*` (any version)."""
    sent = request.META.get("HTTP_IF_MATCH")
    if sent is None:
        return None
    tags = parse_etags(sent)
    return None if "*" in tags else list(_versions(tags))


def known_versions(request: Request) -> list[datetime] | None:
    """The versions that `If-None-Match` rules out; None for `*` (all of them)."""
    sent = request.META.get("HTTP_IF_NONE_MATCH")
    if sent is None:
        return []
    tags = parse_etags(sent)
    return None if "*" in tags else list(_versions(tag.removeprefix("W/") for tag in tags))


def _versions(tags: Iterable[str]) -> Iterable[datetime]:
    """A weak tag, or one that we never gave, names no version."""
    for tag in tags:
        try:
            version = EPOCH + int(tag.strip('"').partition("-")[0], 16) * MICROSECOND
        except (ValueError, OverflowError):
            continue
        if etag_of(version) == tag:  # compared by character: 0x65 is not 65
            yield version.replace(tzinfo=UTC)
