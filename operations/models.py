"""Statistics for operators. They contain no user's data."""

from datetime import timedelta
from typing import Any

from django.db import models
from django.db.models import Max, Q, Sum
from django.utils import timezone

KEPT = timedelta(days=7)


class TrafficQuerySet(models.QuerySet["Traffic"]):
    def last_hour(self) -> "TrafficQuerySet":
        return self.filter(minute__gt=timezone.now() - timedelta(hours=1))

    def expired(self) -> "TrafficQuerySet":
        """Returns the rows older than KEPT, which may be purged."""
        return self.filter(minute__lt=timezone.now() - KEPT)

    def by_status_class(self) -> dict[str, int]:
        """Returns the number of responses by status class: `{"2xx": 10, "4xx": 1}`. One query."""
        classes = {
            f"{digit}xx": Sum(
                "count", default=0, filter=Q(status__range=(digit * 100, digit * 100 + 99))
            )
            for digit in range(1, 6)
        }
        found: dict[str, int] = self.aggregate(**classes)
        return {name: count for name, count in found.items() if count}

    def slowest_routes(self, number: int) -> list[dict[str, Any]]:
        """Returns the `number` routes with the highest average time, slowest first.

        Each is a dict of `route`, `method`, `count` (of responses), `average_ms` and `slowest_ms`.
        One query.
        """
        routes = self.values("route", "method").annotate(
            average_ms=Sum("total_ms") / Sum("count"),
            slowest_ms=Max("slowest_ms"),
            count=Sum("count"),
        )
        slowest: list[Any] = list(routes.order_by("-average_ms", "route", "method")[:number])
        return slowest

    def queue_times(self) -> dict[str, float]:
        """Returns the waits for a thread: `average_ms` and `longest_ms`. One query."""
        sums = self.aggregate(
            total=Sum("queue_ms", default=0.0),
            count=Sum("count", default=0),
            longest_ms=Max("longest_queue_ms", default=0.0),
        )
        average = sums["total"] / sums["count"] if sums["count"] else 0.0
        return {"average_ms": average, "longest_ms": sums["longest_ms"]}

    def refusals_by_cause(self) -> dict[str, int]:
        """Returns the number of refused requests by cause, most frequent first. One query."""
        causes = self.exclude(refusal="").values_list("refusal").annotate(total=Sum("count"))
        return dict(causes.order_by("-total", "refusal"))


class Traffic(models.Model):
    """The number and duration of one process's responses of one kind in one minute.

    Each process writes its own rows, so statistics are always sums over rows (ADR 15).
    """

    minute = models.DateTimeField(db_index=True)  # for last_hour() and expired()
    route = models.CharField(max_length=255)  # the path template, which contains no ids
    method = models.CharField(max_length=16)
    status = models.PositiveSmallIntegerField()
    refusal = models.CharField(
        max_length=64,
        blank=True,
        help_text="Which check refused a token, or why else it is a 401, 403 or 429.",
    )
    count = models.PositiveIntegerField()
    total_ms = models.FloatField()
    slowest_ms = models.FloatField()
    # The part of the time that was spent waiting for a thread. With defaults of the database,
    # because processes of the release before write no such columns.
    queue_ms = models.FloatField(default=0.0, db_default=0.0)
    longest_queue_ms = models.FloatField(default=0.0, db_default=0.0)

    objects = TrafficQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = "traffic row", "traffic rows"

    def __str__(self) -> str:
        return f"{self.method} {self.route} {self.status}"


class TaskDay(models.Model):
    """The number of tasks created and completed on one finished day in UTC (ADR 17)."""

    date = models.DateField(primary_key=True)
    created = models.PositiveIntegerField()
    completed = models.PositiveIntegerField()

    def __str__(self) -> str:
        return str(self.date)
