"""The Prometheus metrics of all apps. operations serves them at /metrics.

Under gunicorn each process writes to its own file in the folder PROMETHEUS_MULTIPROC_DIR, and
/metrics sums the files (todo_api.server.hooks creates the folder). Labels have few, known values:
route templates, never a path that a client sent.
"""

import atexit
import os
from collections import Counter as Counts
from collections.abc import Iterable, Iterator

# prometheus_client fails if the folder does not exist, and commands would not start.
FOLDER = os.environ.get("PROMETHEUS_MULTIPROC_DIR", "")
if not os.path.isdir(FOLDER):
    os.environ.pop("PROMETHEUS_MULTIPROC_DIR", None)
    FOLDER = ""

from prometheus_client import Counter, Gauge, Histogram, multiprocess  # noqa: E402  (it reads the variable when imported)

if FOLDER:
    # For commands. gunicorn's child_exit hook covers its workers, killed ones included.
    atexit.register(lambda: multiprocess.mark_process_dead(os.getpid(), FOLDER))

REQUESTS = Counter(
    "todo_http_requests", "Responses by route, method and status.", ("route", "method", "status")
)
SECONDS = Histogram(
    "todo_http_request_seconds",
    "Time from the arrival of the whole request to its response.",
    ("route", "method"),
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
QUEUE_SECONDS = Histogram(
    "todo_http_request_queue_seconds",
    "Time that requests waited for a thread, included in todo_http_request_seconds.",
    buckets=(0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
REFUSALS = Counter(
    "todo_refusals",
    "Refused requests: the check that refused a token, or the code of a 401, 403 or 429.",
    ("cause",),
)
KEY_SET_REFRESHES = Counter(
    "todo_key_set_refreshes",
    "Fetches of a key set by its source, the issuer, and result: ok or failed.",
    ("source", "result"),
)
KEY_SET_FETCHED = Gauge(
    "todo_key_set_fetched_timestamp_seconds",
    "Time of the last fetch of a source's key set, the oldest of all processes.",
    ("source",),
    multiprocess_mode="livemin",
)
DATABASE_CONNECTIONS = Gauge(
    "todo_database_connections", "Open connections to the database.", multiprocess_mode="livesum"
)
DATABASE_CONNECTIONS_OPENED = Counter(
    "todo_database_connections_opened", "Connections to the database that were opened."
)
DATABASE_SECONDS = Counter("todo_database_seconds", "Time that requests waited for the database.")
DATABASE_STATEMENTS = Counter(
    "todo_database_statements", "Statements of requests, each COMMIT included."
)
ROWS_PURGED = Counter(
    "todo_rows_purged", "Rows that were deleted because they had expired.", ("model",)
)


def count_purged(steps: Iterable[Counts[str]]) -> Iterator[Counts[str]]:
    """Yields the steps of a purge (todo_api.postgresql.batches) and adds each to ROWS_PURGED."""
    for step in steps:
        for model, rows in step.items():
            ROWS_PURGED.labels(model).inc(rows)
        yield step
