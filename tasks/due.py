"""Due times and the time zone of a request. The due date of a task with a due time is its local
day.
"""

from collections.abc import Mapping
from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from tasks.models import Task
from tasks.time_zones import local_time, zone_named

Fields = dict[str, Any]
HEADER = "HTTP_TIME_ZONE"
IN_UTC = zone_named("UTC")


def zone_of(request: Request) -> ZoneInfo:
    """Returns the zone in the header Time-Zone, or UTC. Raises ValidationError for an unknown
    zone.
    """
    name = request.META.get(HEADER)
    if not name:
        return IN_UTC
    try:
        return zone_named(name)
    except ValueError as exc:
        message = "The header Time-Zone must be an IANA name such as Europe/Berlin"
        raise ValidationError(message) from exc


def needs_task(fields: Mapping[str, Any]) -> bool:
    """Returns whether `with_due_date` needs the present task: for the zone of a new time, or for
    the time in a new zone.
    """
    if fields.get("due_at"):
        return not fields.get("time_zone")
    return "time_zone" in fields and not {"due_at", "due_date"} & fields.keys()


def with_due_date(fields: Mapping[str, Any], zone: ZoneInfo, task: Task | None = None) -> Fields:
    """Returns the fields of a request with those that follow from them: a due time sets the date, a
    date alone clears the time. `task` is the present task, and `zone` that of the request, for a
    time without a zone. Raises ValidationError if time and date are different days.
    """
    settled = dict(fields)
    if "due_at" not in fields and "due_date" in fields:
        return settled | {"due_at": None, "time_zone": fields.get("time_zone")}
    if "due_at" in fields and fields["due_at"] is None:
        return {"time_zone": None} | settled
    due_at = fields.get("due_at") or (task.due_at if task and "time_zone" in fields else None)
    if due_at is None:
        return settled
    kept = task.time_zone if task and "time_zone" not in fields else None
    name = fields.get("time_zone") or kept or zone.key
    day = local_time(due_at.astimezone(UTC), zone_named(name)).date()
    if fields.get("due_date") not in (None, day):
        message = f"Due date and due time are different days: the time is on {day} in {name}"
        raise ValidationError({"due_date": [message]})
    return settled | {"due_at": due_at, "due_date": day, "time_zone": name}
