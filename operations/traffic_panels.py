"""Dashboard panels about the traffic of the last hour.

Each process writes its statistics once a minute, so the latest requests are not included yet.
"""

from datetime import datetime, timedelta
from typing import Any

from operations import charts
from operations.models import Traffic
from operations.panel import Panel, Value, changelist_url, utc_minute

MAX_ROWS = 6  # the admin list behind the panel has all rows
NO_RESPONSES = "No responses were recorded."
NO_REFUSALS = "No requests were refused."


def responses(now: datetime) -> Panel:
    classes = Traffic.objects.last_hour().by_status_class()
    total = sum(classes.values())
    rows = []
    for name, count in classes.items():
        first = int(name[0]) * 100
        href = _traffic_url(now, status__gte=first, status__lt=first + 100)
        meter = charts.meter(count, total, f"answers-{name}")
        rows.append((Value(name, href=href, meter=meter), Value(f"{count:,}")))
    return Panel(head=("Status", "Responses"), rows=rows, note="" if rows else NO_RESPONSES)


def refusals(now: datetime) -> Panel:
    causes = list(Traffic.objects.last_hour().refusals_by_cause().items())[:MAX_ROWS]
    most = max((count for _, count in causes), default=0)
    rows = []
    for cause, count in causes:
        meter = charts.meter(count, most, "refusals")
        name = Value(cause, href=_traffic_url(now, refusal=cause), meter=meter)
        rows.append((name, Value(f"{count:,}")))
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
                Value(f"{method} {path}", href=href, meter=meter),
                Value(f"{average:,.0f} ms"),
                Value(f"{route['slowest_ms']:,.0f} ms"),
                Value(f"{route['count']:,}"),
            )
        )
    head = ("Route", "Average", "Slowest", "Responses")
    return Panel(head=head, rows=rows, note="" if rows else NO_RESPONSES)


def _traffic_url(now: datetime, **lookups: Any) -> str:
    return changelist_url(Traffic, minute__gt=utc_minute(now - timedelta(hours=1)), **lookups)
