"""What operators see of the service's traffic: figures, nothing of anybody."""

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
        """What is older than a week and may be purged."""
        return self.filter(minute__lt=timezone.now() - KEPT)

    def by_status_class(self) -> dict[str, int]:
        """Answers by the first digit of their status: `{"2xx": 10, "4xx": 1}`. One query."""
        classes = {
            f"{digit}xx": Sum(
                "count", default=0, filter=Q(status__range=(digit * 100, digit * 100 + 99))
            )
            for digit in range(1, 6)
        }
        found: dict[str, int] = self.aggregate(**classes)
        return {name: count for name, count in found.items() if count}

    def slowest_routes(self, number: int) -> list[dict[str, Any]]:
        """The routes that take longest on average, with their answers (`count`), `average_ms` and
        `slowest_ms`. One query.
        """
        routes = self.values("route", "method").annotate(
            average_ms=Sum("total_ms") / Sum("count"),
            slowest_ms=Max("slowest_ms"),
            count=Sum("count"),
        )
        slowest: list[Any] = list(routes.order_by("-average_ms", "route", "method")[:number])
        return slowest

    def refusals_by_cause(self) -> dict[str, int]:
        """How often each cause refused somebody, the most frequent first. One query."""
        causes = self.exclude(refusal="").values_list("refusal").annotate(total=Sum("count"))
        return dict(causes.order_by("-total", "refusal"))


class Traffic(models.Model):
    """How often, in a minute, a worker process gave an answer of one kind, and how long it took.

    Each process writes rows of its own: figures are always sums over rows (ADR 15).
    """

    minute = models.DateTimeField(db_index=True)  # the last hour, and what may be purged
    route = models.CharField(max_length=255)  # the template: nobody's id is in it
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

    objects = TrafficQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "traffic"

    def __str__(self) -> str:
        return f"{self.method} {self.route} {self.status}"


class TaskDay(models.Model):
    """How many tasks were created and completed on a day (UTC) that is over (ADR 17)."""

    date = models.DateField(primary_key=True)
    created = models.PositiveIntegerField()
    completed = models.PositiveIntegerField()

    def __str__(self) -> str:
        return str(self.date)
