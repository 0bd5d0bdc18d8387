"""The panels about the last hour's traffic. A process writes its figures once a minute: the last of
them are still to come.
"""

from datetime import datetime, timedelta
from typing import Any

from operations import charts
from operations.models import Traffic
from operations.panel import Figure, Panel, list_of, moment

SHOWN = 6  # the list behind a panel has them all
QUIET = "No answers were recorded."


def answers(now: datetime) -> Panel:
    classes = Traffic.objects.last_hour().by_status_class()
    every = sum(classes.values())
    rows = []
    for name, count in classes.items():
        first = int(name[0]) * 100
        href = _list(now, status__gte=first, status__lt=first + 100)
        meter = charts.meter(count, every, f"answers-{name}")
        rows.append((Figure(name, href=href, meter=meter), Figure(f"{count:,}")))
    return Panel(head=("Status", "Answers"), rows=rows, note="" if rows else QUIET)


def refusals(now: datetime) -> Panel:
    causes = list(Traffic.objects.last_hour().refusals_by_cause().items())[:SHOWN]
    most = max((count for _, count in causes), default=0)
    rows = []
    for cause, count in causes:
        meter = charts.meter(count, most, "refusals")
        name = Figure(cause, href=_list(now, refusal=cause), meter=meter)
        rows.append((name, Figure(f"{count:,}")))
    return Panel(head=("Cause", "Times"), rows=rows, note="" if rows else "Nobody was refused.")


def slowest_routes(now: datetime) -> Panel:
    routes = Traffic.objects.last_hour().slowest_routes(SHOWN)
    slowest = max((route["average_ms"] for route in routes), default=0)
    rows = []
    for route in routes:
        method, path, average = route["method"], route["route"], route["average_ms"]
        href = _list(now, route=path, method=method)
        meter = charts.meter(average, slowest, "routes")
        rows.append(
            (
                Figure(f"{method} {path}", href=href, meter=meter),
                Figure(f"{average:,.0f} ms"),
                Figure(f"{route['slowest_ms']:,.0f} ms"),
                Figure(f"{route['count']:,}"),
            )
        )
    head = ("Route", "Average", "Slowest", "Answers")
    return Panel(head=head, rows=rows, note="" if rows else QUIET)


def _list(now: datetime, **lookups: Any) -> str:
    return list_of(Traffic, minute__gt=moment(now - timedelta(hours=1)), **lookups)
