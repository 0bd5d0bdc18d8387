"""Concurrent calls in tests: threads that start together, each with its own connection."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connection

Result = TypeVar("Result")


def at_once(*calls: Callable[[], Result]) -> list[Result]:
    """Runs all calls at the same time. Returns their results in order.

    Needs transactional_db: the connections of other threads see only committed rows.
    """
    together = threading.Barrier(len(calls))

    def run(call: Callable[[], Result]) -> Result:
        connection.ensure_connection()
        together.wait(20)
        try:
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))
