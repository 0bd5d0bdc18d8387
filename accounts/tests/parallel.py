"""Really parallel calls, for tests: threads that start together, each on its own connection."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connection

Result = TypeVar("Result")


def at_once(*calls: Callable[[], Result]) -> list[Result]:
    """Makes all calls at the same moment; returns their results in order. Needs transactional_db:
    a connection of another thread sees only what is committed.
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
