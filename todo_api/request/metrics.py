"""All that is counted for Prometheus. Whoever does something counts it here; operations shows it.

Under gunicorn each process counts in a file of its own, in the folder PROMETHEUS_MULTIPROC_DIR, and
/metrics sums the files (gunicorn.conf.py makes the folder). The values of a label are few and
known: route templates, never an address that somebody sent.
"""

import atexit
import os
from collections import Counter as Counts
from collections.abc import Iterable, Iterator

# Without its folder the library could not count, and a command would not start.
FOLDER = os.environ.get("PROMETHEUS_MULTIPROC_DIR", "")
if not os.path.isdir(FOLDER):
    os.environ.pop("PROMETHEUS_MULTIPROC_DIR", None)
    FOLDER = ""

from prometheus_client import Counter, Gauge, Histogram, multiprocess  # noqa: E402

if FOLDER:
    # A worker that is killed is gunicorn's to see to; commands have nobody.
    atexit.register(lambda: multiprocess.mark_process_dead(os.getpid(), FOLDER))  # type: ignore[no-untyped-call]

REQUESTS = Counter(
    "todo_http_requests", "Answers by route, method and status.", ("route", "method", "status")
)
SECONDS = Histogram(
    "todo_http_request_seconds",
    "From the arrival of the whole request to its response.",
    ("route", "method"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
QUEUE_SECONDS = Histogram(
    "todo_http_request_queue_seconds",
    "How long requests waited for a thread, as a part of todo_http_request_seconds.",
    buckets=(0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
REFUSALS = Counter(
    "todo_refusals",
    "Refused requests: the check that refused a token, or the code of a 401, 403 or 429.",
    ("cause",),
)
KEY_SET_REFRESHES = Counter(
    "todo_key_set_refreshes", "Fetches of the key set, by result: ok or failed.", ("result",)
)
KEY_SET_FETCHED = Gauge(
    "todo_key_set_fetched_timestamp_seconds",
    "When the key set was last fetched, by the process that did so longest ago.",
    ("source",),  # without a label it would be 0 before the first fetch
    multiprocess_mode="livemin",
)
DATABASE_CONNECTIONS = Gauge(
    "todo_database_connections", "Open connections to the database.", multiprocess_mode="livesum"
)
DATABASE_CONNECTIONS_OPENED = Counter(
    "todo_database_connections_opened", "Connections to the database that were made."
)
DATABASE_SECONDS = Counter(
    "todo_database_seconds", "Time that requests waited for the database's answers."
)
DATABASE_STATEMENTS = Counter(
    "todo_database_statements", "Statements of requests, each COMMIT included."
)
ROWS_PURGED = Counter(
    "todo_rows_purged", "Rows that were deleted because their time was over.", ("model",)
)


def purged(steps: Iterable[Counts[str]]) -> Iterator[Counts[str]]:
    """The steps of a purge (todo_api.postgresql.batches), each counted when it is done."""
    for step in steps:
        for model, rows in step.items():
            ROWS_PURGED.labels(model).inc(rows)
        yield step
