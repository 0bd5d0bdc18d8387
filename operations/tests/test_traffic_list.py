"""The list of the traffic in the admin, which the dashboard links to."""

import re
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


@pytest.mark.usefixtures("_rows")
@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("", "6 responses in 3 rows"),
        ("status=5xx", "2 responses in 1 row<"),
        ("status=2xx", "2 responses in 1 row<"),
    ],
)
def test_the_list_says_how_many_responses_its_rows_have(
    operator: Client, query: str, text: str
) -> None:
    page = operator.get(f"{TRAFFIC}?{query}&method=GET").content.decode()

    assert text in page


@pytest.mark.usefixtures("_rows")
def test_the_number_of_responses_is_bounded(
    operator: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("todo_api.web.admin.MAX_COUNT", 2)
    monkeypatch.setattr("operations.admin.MAX_COUNT", 2)

    assert "More than 4 responses in more than 2 rows" in operator.get(TRAFFIC).content.decode()
    assert "responses in" not in operator.get(f"{TRAFFIC}?status=3xx").content.decode()


@pytest.mark.usefixtures("_rows")
def test_the_page_of_a_row_has_rounded_times_and_a_title(operator: Client) -> None:
    Traffic.objects.update(total_ms=10 / 3, slowest_ms=13.398390620846495, queue_ms=7 / 3)
    row = Traffic.objects.latest("minute")

    page = operator.get(f"{TRAFFIC}{row.pk}/change/").content.decode()

    assert "<h1>GET /api/tasks 503</h1>" in page
    assert re.findall(r"\d+\.\d+", page.partition("<fieldset")[2].partition("</fieldset>")[0]) == [
        "1.7", "13.4", "1.2", "234.5",
    ]  # fmt: skip
