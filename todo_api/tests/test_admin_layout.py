"""Parts of the admin's pages that the style sheet or assistive technology needs."""

import re

import pytest
from django.test import Client


@pytest.mark.parametrize(
    ("query", "summary"),
    [
        ("", "Filter"),
        ("q=alice", "Filter"),
        ("status=active&date_joined__gte=2026-01-01T00:00Z", "Filter · status · date joined (UTC)"),
    ],
)
def test_closed_filters_name_those_in_use(operator: Client, query: str, summary: str) -> None:
    page = operator.get(f"/admin/accounts/user/?{query}").content.decode()

    filters = page.partition('<div class="filters">')[2]
    assert re.findall("<summary>(.*?)</summary>", filters)[0] == summary
    assert '<nav id="changelist-filter"' in filters
