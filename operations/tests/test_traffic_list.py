"""The list of the traffic in the admin, which the dashboard links to."""

from datetime import UTC, datetime

import pytest
from django.test import Client

from operations.models import Traffic

TRAFFIC = "/admin/operations/traffic/"


@pytest.fixture
def _rows(db: None) -> None:
    for hour, status in ((9, 200), (10, 404), (11, 503)):
        Traffic.objects.create(
            minute=datetime(2026, 12, 1, hour, tzinfo=UTC), route="/api/tasks", method="GET",
            status=status, count=2, total_ms=3_000, slowest_ms=2_000, longest_queue_ms=1_234.5,
        )  # fmt: skip


@pytest.mark.usefixtures("_rows")
@pytest.mark.parametrize(
    ("query", "statuses"),
    [
        ("", [503, 404, 200]),
        ("status=5xx", [503]),
        ("status=4xx", [404]),
        ("status=9xx", [503, 404, 200]),
        ("minute__gt=2026-12-01T09:00Z", [503, 404]),
        ("minute__gt=2026-12-01T09:00Z&status=5xx", [503]),
        ("minute__gt=2026-12-01T09:00", [503, 404, 200]),
        ("minute__gt=nonsense", [503, 404, 200]),
        ("longest_queue_ms__gte=1235", []),
    ],
)
def test_the_list_is_filtered_by_status_and_time(
    operator: Client, query: str, statuses: list[int]
) -> None:
    page = operator.get(f"{TRAFFIC}?{query}")

    assert [row.status for row in page.context["cl"].result_list] == statuses


@pytest.mark.usefixtures("_rows")
def test_the_list_shows_its_filter_and_the_wait_for_a_thread(operator: Client) -> None:
    page = operator.get(f"{TRAFFIC}?minute__gt=2026-12-01T10:00Z").content.decode()

    assert "After 2026-12-01 10:00 UTC" in page
    assert "Clear all filters" in page
    for text in ("2026-12-01 11:00 UTC", "GET /api/tasks", "1,500.0", "2,000.0", "1,234.5"):
        assert text in page, text


def test_an_impossible_time_is_no_error(operator: Client) -> None:
    page = operator.get(f"{TRAFFIC}?minute__gt=2026-13-45T09:00Z")

    assert page.status_code == 302
