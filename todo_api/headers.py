"""Headers of an answer that hold nothing but what we made, or have looked at already.

Django looks at each header whether it could be two, and encodes it for that: for a dozen of them a
twentieth of a request's time. What somebody sent goes through Django's `response.headers`.
"""

from collections.abc import Mapping

from django.http import HttpResponse


def put(response: HttpResponse, name: str, value: str) -> None:
    response.headers._store[name.lower()] = name, value


def put_defaults(response: HttpResponse, defaults: Mapping[str, tuple[str, str]]) -> None:
    """Those that the answer does not have: their names and values by their names in lower case."""
    response.headers._store = {**defaults, **response.headers._store}
