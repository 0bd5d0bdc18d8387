"""The WSGI environ that is made from an ASGI scope."""

import sys
from typing import Any

import pytest

from todo_api.server.environ import environ_of


def scope(**other: Any) -> dict[str, Any]:
    return {
        "type": "http", "method": "GET", "scheme": "http", "http_version": "1.1",
        "path": "/api/tasks", "raw_path": b"/api/tasks", "query_string": b"", "headers": [],
        "client": ("192.0.2.1", 50_000), "server": ("10.0.0.5", 8000), **other,
    }  # fmt: skip


def test_it_has_the_variables_of_pep_3333() -> None:
    headers = [(b"host", b"api.test"), (b"content-type", b"text/plain"), (b"x-request-id", b"a")]

    environ = environ_of(scope(query_string=b"a=%20b", headers=headers))

    assert environ.pop("wsgi.input").read() == b""
    assert environ.pop("wsgi.errors") is sys.stderr
    assert environ == {
        "REQUEST_METHOD": "GET", "SCRIPT_NAME": "", "PATH_INFO": "/api/tasks",
        "QUERY_STRING": "a=%20b", "REMOTE_ADDR": "192.0.2.1", "SERVER_NAME": "",
        "SERVER_PORT": "8000", "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "api.test",
        "CONTENT_TYPE": "text/plain", "HTTP_X_REQUEST_ID": "a", "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http", "wsgi.multithread": True, "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        (b"/a%2Fb%20%C3%A4", "/a/b ä".encode().decode("latin-1")),
        (b"/%ff", "/\xff"),
        (b"/api?x=1", "/api"),  # some servers include the query
        (b"http://api.test/api/tasks", "/api/tasks"),
        (b"http://api.test", "/"),
        (b"*", "*"),
    ],
)
def test_a_path_is_decoded_to_latin_1_as_wsgi_requires(raw: bytes, path: str) -> None:
    assert environ_of(scope(raw_path=raw))["PATH_INFO"] == path


def test_the_host_of_an_absolute_target_overrides_the_header() -> None:
    headers = [(b"host", b"other.test")]

    environ = environ_of(scope(raw_path=b"http://api.test:8000/api/me", headers=headers))

    assert environ["HTTP_HOST"] == "api.test:8000"


def test_repeated_headers_are_joined_and_names_with_underscores_dropped() -> None:
    headers = [(b"accept", b"a"), (b"accept", b"b"), (b"x_forwarded_for", b"192.0.2.9")]
    headers += [(b"cookie", b"a=1"), (b"cookie", b"b=2")]

    environ = environ_of(scope(headers=headers))

    assert (environ["HTTP_ACCEPT"], environ["HTTP_COOKIE"]) == ("a,b", "a=1; b=2")
    assert "HTTP_X_FORWARDED_FOR" not in environ


def test_without_addresses_the_variables_are_empty() -> None:
    environ = environ_of(scope(client=None, server=None))  # a Unix socket

    assert (environ["REMOTE_ADDR"], environ["SERVER_NAME"], environ["SERVER_PORT"]) == ("", "", "0")
