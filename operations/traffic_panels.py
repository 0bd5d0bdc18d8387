"""Dashboard panels about the traffic of the last hour.

Each process writes its statistics once a minute, so the latest requests are not included yet.
"""

from datetime import datetime, timedelta
from math import floor
from typing import Any

from django.template.defaultfilters import pluralize

from operations import charts
from operations.models import Traffic
from operations.panel import Panel, Value, changelist_url, utc_minute

MAX_ROWS = 6  # the admin list behind the panel has all rows
NO_RESPONSES = "No responses were recorded."
NO_REFUSALS = "No requests were refused."


def server_errors(now: datetime) -> Panel:
    classes = Traffic.objects.last_hour().by_status_class()
    count, total = classes.get("5xx", 0), sum(classes.values())
    label = f"of {total:,} response{pluralize(total)}"
    series = "bad" if count else ""
    url = _traffic_url(now, status="5xx")
    return Panel([Value(f"{count:,}", label, url, series)], note="Last hour.")


def queue_time(now: datetime) -> Panel:
    """Returns a panel about the time that requests waited for a thread."""
    times = Traffic.objects.last_hour().queue_times()
    average, longest = times["average_ms"], times["longest_ms"]
    longest_url = _traffic_url(now, longest_queue_ms__gte=floor(longest))
    return Panel(
        [
            Value(f"{average:,.1f} ms", "average", _traffic_url(now)),
            Value(f"{longest:,.0f} ms", "longest", longest_url),
        ],
        note="Last hour.",
    )


def responses(now: datetime) -> Panel:
    classes = Traffic.objects.last_hour().by_status_class()
    total = sum(classes.values())
    rows = []
    for name, count in classes.items():
        meter = charts.meter(count, total, f"answers-{name}")
        href = _traffic_url(now, status=name)
        rows.append((Value(name, meter=meter), Value(f"{count:,}", href=href)))
    return Panel(head=("Status", "Responses"), rows=rows, note="" if rows else NO_RESPONSES)


def refusals(now: datetime) -> Panel:
    causes = list(Traffic.objects.last_hour().refusals_by_cause().items())[:MAX_ROWS]
    most = max((count for _, count in causes), default=0)
    rows = []
    for cause, count in causes:
        meter = charts.meter(count, most, "refusals")
        href = _traffic_url(now, refusal=cause)
        rows.append((Value(cause, meter=meter), Value(f"{count:,}", href=href)))
    return Panel(head=("Cause", "Requests"), rows=rows, note="" if rows else NO_REFUSALS)


def slowest_routes(now: datetime) -> Panel:
    routes = Traffic.objects.last_hour().slowest_routes(MAX_ROWS)
    slowest = max((route["average_ms"] for route in routes), default=0)
    rows = []
    for route in routes:
        method, path, average = route["method"], route["route"], route["average_ms"]
        href = _traffic_url(now, route=path, method=method)
        meter = charts.meter(average, slowest, "routes")
        rows.append(
            (
                Value(f"{method} {path}", meter=meter),
                Value(f"{average:,.0f} ms", href=href),
                Value(f"{route['slowest_ms']:,.0f} ms", href=href),
                Value(f"{route['count']:,}", href=href),
            )
        )
    head = ("Route", "Average", "Slowest", "Responses")
    return Panel(head=head, rows=rows, note="" if rows else NO_RESPONSES)


def _traffic_url(now: datetime, **lookups: Any) -> str:
    return changelist_url(Traffic, minute__gt=utc_minute(now - timedelta(hours=1)), **lookups)
