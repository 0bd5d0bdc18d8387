"""Client addresses that requests are counted by."""

from typing import Any

import pytest
from django.test import RequestFactory

from todo_api.request.client_address import address_of


@pytest.mark.parametrize(
    ("remote_address", "expected"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:3::1", "2001:db8:1:3::"),
        ("", ""),  # a Unix socket
        ("unix:", ""),
    ],
)
def test_it_is_the_ipv4_address_or_the_ipv6_network(remote_address: str, expected: str) -> None:
    assert address_of(RequestFactory().get("/", REMOTE_ADDR=remote_address)) == expected


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "198.51.100.1", "127.0.0.1"),  # any client can send the header
        (1, "198.51.100.1", "198.51.100.1"),
        (1, "8.8.8.8, 198.51.100.1", "198.51.100.1"),  # only the proxy's own entry counts
        (2, "8.8.8.8, 198.51.100.1, 10.0.0.1", "198.51.100.1"),
        (1, "198.51.100.1:50000", "198.51.100.1"),
        (1, "[2001:db8:1:2::3]:50000", "2001:db8:1:2::"),
        (1, "nonsense\\r\\n" * 99, ""),
        (1, None, "127.0.0.1"),
    ],
)
def test_x_forwarded_for_is_trusted_only_from_the_configured_proxies(
    settings: Any, proxies: int, forwarded: str | None, expected: str
) -> None:
    settings.REST_FRAMEWORK = {**settings.REST_FRAMEWORK, "NUM_PROXIES": proxies}
    headers = {} if forwarded is None else {"X-Forwarded-For": forwarded}

    assert address_of(RequestFactory().get("/", headers=headers)) == expected
