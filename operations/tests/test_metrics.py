"""/metrics as Prometheus reads it, from one process and from gunicorn with several workers."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.db import connection
from prometheus_client import REGISTRY
from prometheus_client.metrics import MetricWrapperBase
from prometheus_client.parser import text_string_to_metric_families
from rest_framework.test import APIClient

from accounts.tests.key_server import KeyServer
from accounts.tokens import verifier
from conftest import ALICE, ROOT, Serve, client_of, token_for
from todo_api.request import metrics
from todo_api.tests.http import Response, request, send

TOKEN = "prometheus-only-for-this-test-run-0123456789"
Labels = tuple[str, ...]


def value(name: str, **labels: str) -> float:
    """Returns the value of a metric in this process."""
    return REGISTRY.get_sample_value(name, labels) or 0.0


def parse(text: str) -> dict[str, float]:
    """Returns the samples of a /metrics response, without histogram buckets.

    A key is the metric's name followed by its label values, in the order of the label names.
    """
    samples = [
        (sample, sample.labels)
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    ]
    return {
        f"{sample.name} {' '.join(labels[name] for name in sorted(labels))}".strip(): sample.value
        for sample, labels in samples
        if "le" not in labels
    }


def get_metrics(address: str) -> Response:
    return send(address, request("GET", "/metrics", authorization=f"Bearer {TOKEN}"))


@pytest.fixture
def prometheus(settings: Any) -> APIClient:
    settings.METRICS_TOKEN = TOKEN
    return APIClient(HTTP_AUTHORIZATION=f"Bearer {TOKEN}")


def test_without_the_setting_the_endpoint_responds_as_an_unknown_path(
    anonymous: APIClient,
) -> None:
    for method in ("get", "head", "post", "delete"):
        response = getattr(anonymous, method)("/metrics", HTTP_AUTHORIZATION="Bearer ")
        unknown = getattr(anonymous, method)("/nowhere")
        assert response.status_code == unknown.status_code == 404
        assert response.content[:150] == unknown.content[:150]


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", f"Basic {TOKEN}", f"Bearer {TOKEN}x", "Bearer ä"]
)
def test_a_missing_or_wrong_token_returns_401(
    prometheus: APIClient, anonymous: APIClient, header: str
) -> None:
    response = anonymous.get("/metrics", HTTP_AUTHORIZATION=header)

    assert (response.status_code, response.json()["code"]) == (401, "not_authenticated")
    assert response.headers["WWW-Authenticate"] == "Bearer"


def test_other_methods_than_get_and_head_return_405(prometheus: APIClient) -> None:
    statuses = [prometheus.get("/metrics/").status_code, prometheus.head("/metrics").status_code]
    refused = prometheus.post("/metrics")

    assert statuses == [200, 200]
    assert (refused.status_code, refused.headers["Allow"]) == (405, "GET, HEAD")


@pytest.mark.django_db
def test_a_response_is_counted_once_under_its_route(as_alice: APIClient) -> None:
    kind = {"route": "/api/tasks", "method": "GET"}
    names = ("todo_http_requests_total", "todo_database_statements_total")
    before = value(names[0], **kind, status="200"), value(names[1])
    durations = value("todo_http_request_seconds_count", **kind)

    as_alice.get("/api/tasks", {"search": "plants"})

    assert value(names[0], **kind, status="200") == before[0] + 1
    assert value(names[1]) > before[1]
    assert value("todo_http_request_seconds_count", **kind) == durations + 1


def test_refusals_are_counted_by_cause(anonymous: APIClient) -> None:
    causes = ("expiry", "form", "not_authenticated")
    before = [value("todo_refusals_total", cause=cause) for cause in causes]

    client_of(ALICE, exp=1).get("/api/tasks")
    anonymous.get("/api/tasks", HTTP_AUTHORIZATION="Bearer nonsense")
    anonymous.get("/api/tasks")

    after = [value("todo_refusals_total", cause=cause) for cause in causes]
    assert [new - old for new, old in zip(after, before, strict=True)] == [1, 1, 1]


def fetches(source: str, result: str) -> float:
    return value("todo_key_set_refreshes_total", source=source, result=result)


def test_key_set_fetches_are_counted_and_the_last_success_is_timestamped(
    better_auth: KeyServer,
) -> None:
    (key_set,), source = verifier().key_sets, better_auth.origin
    results = ("ok", "failed")
    before = [fetches(source, result) for result in results]
    started = time.time()

    key_set.refresh()
    fetched = value("todo_key_set_fetched_timestamp_seconds", source=source)
    better_auth.response = (500, "text/plain", b"", {})
    key_set.refresh()

    after = [fetches(source, result) for result in results]
    assert [new - old for new, old in zip(after, before, strict=True)] == [1, 1]
    assert started <= fetched <= time.time()
    assert value("todo_key_set_fetched_timestamp_seconds", source=source) == fetched


def test_key_set_fetches_are_counted_for_each_source(
    better_auth: KeyServer, other_source: KeyServer
) -> None:
    other_source.response = (500, "text/plain", b"", {})

    for key_set in verifier().key_sets:
        key_set.refresh()

    app, other = better_auth.origin, other_source.origin
    assert [fetches(app, result) for result in ("ok", "failed")] == [1, 0]
    assert [fetches(other, result) for result in ("ok", "failed")] == [0, 1]
    assert value("todo_key_set_fetched_timestamp_seconds", source=app)
    assert not value("todo_key_set_fetched_timestamp_seconds", source=other)


def test_alerts_and_dashboards_separate_the_key_sets_of_sources() -> None:
    dashboard = json.loads((ROOT / "docs/grafana.json").read_text())
    targets = [target for panel in dashboard["panels"] for target in panel.get("targets", [])]
    shown = [target for target in targets if "todo_key_set_" in target["expr"]]
    alerts = yaml.safe_load((ROOT / "docs/alerts.yml").read_text())["groups"][0]["rules"]
    rules = [rule for rule in alerts if "todo_key_set_" in rule["expr"]]

    assert len(shown) == 2
    assert all("{{source}}" in target["legendFormat"] for target in shown)
    grouped = re.compile(r" by \((?:instance, )?source[,)]")
    assert all(grouped.search(each["expr"]) for each in [*shown, *rules])
    assert len(rules) == 2
    assert all("{{ $labels.source }}" in rule["annotations"]["summary"] for rule in rules)


@pytest.mark.django_db(transaction=True)
def test_connections_are_counted_from_opening_to_closing() -> None:
    connection.close()
    open_before = value("todo_database_connections")
    opened_before = value("todo_database_connections_opened_total")

    connection.ensure_connection()
    open_during = value("todo_database_connections")
    connection.close()
    connection.close()
    open_after = value("todo_database_connections")

    assert (open_during - open_before, open_after - open_before) == (1, 0)
    assert value("todo_database_connections_opened_total") == opened_before + 1


def test_unknown_paths_and_methods_make_no_new_series(anonymous: APIClient) -> None:
    def series() -> int:
        return sum(len(family.samples) for family in REGISTRY.collect())

    for _ in range(2):
        before = series()
        for number in range(20):
            anonymous.generic(f"BREW{number}", f"/nowhere/{number}")
            anonymous.get(f"/api/tasks/{number}", HTTP_AUTHORIZATION=f"Bearer {number}")

    assert series() == before


@pytest.mark.slow
def test_counts_are_summed_over_workers_including_dead_ones(serve: Serve, tmp_path: Path) -> None:
    address = serve("--workers", "2", METRICS_TOKEN=TOKEN)
    signed_in: dict[str, Any] = {"authorization": f"Bearer {token_for(ALICE)}"}

    def counted() -> float:
        found = parse(get_metrics(address).body.decode())
        return found["todo_http_requests_total GET /api/tasks 200"]

    def list_tasks(times: int) -> None:
        for _ in range(times):
            assert send(address, request("GET", "/api/tasks", **signed_in)).status == 200

    list_tasks(40)
    first = [counted() for _ in range(8)]  # any of the workers may respond
    killed, *_ = workers(tmp_path / "gunicorn.log")
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: len(workers(tmp_path / "gunicorn.log")) == 3)
    list_tasks(10)
    second = counted()
    connections = parse(get_metrics(address).body.decode())["todo_database_connections"]
    os.kill(master(tmp_path / "gunicorn.log"), signal.SIGHUP)
    wait_until(lambda: len(workers(tmp_path / "gunicorn.log")) == 5)
    list_tasks(10)

    assert first == [40] * 8
    assert second == 50
    assert 1 <= connections <= 32  # none of the dead worker, at most one for each thread
    wait_until(lambda: counted() == 60)


def workers(log: Path) -> list[int]:
    return [int(pid) for pid in re.findall(r"Booting worker with pid: (\d+)", log.read_text())]


def master(log: Path) -> int:
    return int(Path(f"/proc/{workers(log)[-1]}/stat").read_text().rpartition(")")[2].split()[1])


def wait_until(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.slow
def test_the_endpoint_does_not_query_the_database(serve: Serve) -> None:
    address = serve(
        "--workers", "1", METRICS_TOKEN=TOKEN, DATABASE_URL="postgresql://u:p@127.0.0.1:1/n"
    )

    response = get_metrics(address)

    assert response.status == 200
    assert parse(response.body.decode())["todo_http_requests_total GET /healthz 200"] >= 1


@pytest.mark.slow
def test_gunicorn_removes_its_own_metrics_folder_at_exit(serve: Serve, tmp_path: Path) -> None:
    serve("--workers", "1")
    (worker,) = workers(tmp_path / "gunicorn.log")
    mapped = Path(f"/proc/{worker}/maps").read_text()
    folder = Path(re.findall(r"(/\S+/todo-api-counters-\w+)/", mapped)[0])

    existed = folder.exists()
    os.kill(master(tmp_path / "gunicorn.log"), signal.SIGTERM)

    assert existed
    wait_until(lambda: not folder.exists())


@pytest.mark.slow
def test_gunicorn_empties_a_configured_metrics_folder_at_start(
    serve: Serve, tmp_path: Path
) -> None:
    folder = tmp_path / "counters"
    folder.mkdir()
    (folder / "counter_1.db").write_bytes(b"left behind")

    address = serve("--workers", "1", METRICS_TOKEN=TOKEN, PROMETHEUS_MULTIPROC_DIR=str(folder))

    assert get_metrics(address).status == 200
    assert list(folder.glob("counter_*.db")) != [folder / "counter_1.db"]


@pytest.mark.slow
def test_a_command_counts_in_the_configured_folder_and_starts_without_it(tmp_path: Path) -> None:
    count = "from todo_api.request.metrics import ROWS_PURGED as p; p.labels('tasks.Task').inc(12)"

    for folder in (tmp_path, tmp_path / "gone"):
        subprocess.run(
            [sys.executable, "-c", count], cwd=ROOT, check=True,
            env={**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(folder)},
        )  # fmt: skip

    assert {file.name.split("_")[0] for file in tmp_path.glob("*.db")} == {"counter", "histogram"}


def series_names() -> set[str]:
    """Returns the names of all series that /metrics can contain."""
    return {
        name
        for metric in vars(metrics).values()
        if isinstance(metric, MetricWrapperBase)
        for family in metric.describe()
        for name in {
            "counter": [f"{family.name}_total"],
            "gauge": [family.name],
            "histogram": [f"{family.name}_{part}" for part in ("bucket", "sum", "count")],
        }[family.type]
    }


@pytest.mark.parametrize("file", ["docs/grafana.json", "docs/alerts.yml"])
def test_dashboards_and_alerts_use_existing_metrics(prometheus: APIClient, file: str) -> None:
    named = set(re.findall(r"\btodo_[a-z_]+", (ROOT / file).read_text()))
    families = set(re.findall(r"^# TYPE (\S+)", prometheus.get("/metrics").content.decode(), re.M))

    assert named
    assert named - series_names() == set()
    assert {re.sub("_(bucket|sum|count)$", "", name) for name in named} <= families


def test_every_metric_is_used_by_a_dashboard_or_an_alert() -> None:
    used = (ROOT / "docs/grafana.json").read_text() + (ROOT / "docs/alerts.yml").read_text()

    families = {re.sub("_(bucket|sum|count)$", "", name) for name in series_names()}
    assert {name for name in families if name not in used} == set()
