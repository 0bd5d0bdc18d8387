"""Exported calendars in other programs: a CalDAV server (Radicale) and a calendar (khal)."""

import base64
import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tasks.formats import calendar_files
from tasks.formats.calendar_writing import write_events, write_todos
from tasks.formats.entries import Entry
from tasks.tests.represented import represented

START_SECONDS = 120
TASKS = [
    represented(id="todo-1", title="Plain; task, \\N", description="", tags=["home", "a,b"]),
    represented(id="todo-2", due_date="2026-12-24", remind_at="2026-12-24T08:00:00Z"),
    represented(
        id="todo-3",
        title="Ж" * 255,
        due_date="2026-12-28",
        due_at="2026-12-28T16:00:00Z",
        time_zone="Europe/Berlin",
        repeat={"rule": "FREQ=WEEKLY;UNTIL=20270111T225959Z", "from": "due"},
        priority="urgent",
    ),
    represented(id="todo-4", completed=True, completed_at="2026-11-21T08:00:00Z"),
    represented(
        id="todo-5", due_date="2026-12-30", repeat={"rule": "FREQ=DAILY", "from": "completion"}
    ),
]
REPORT = """<?xml version="1.0"?>
<c:calendar-query xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav">
<d:prop><d:getetag/><c:calendar-data/></d:prop>
<c:filter><c:comp-filter name="VCALENDAR"><c:comp-filter name="VTODO">
<c:time-range start="20261228T000000Z" end="20261229T000000Z"/>
</c:comp-filter></c:comp-filter></c:filter></c:calendar-query>"""


@pytest.fixture(scope="module")
def radicale(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a Radicale server with an empty folder, where each user may sign in."""
    folder = tmp_path_factory.mktemp("radicale")
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]
    (folder / "config").write_text(
        f"[server]\nhosts = 127.0.0.1:{port}\n[auth]\ntype = none\n[logging]\nlevel = info\n"
        f"[storage]\nfilesystem_folder = {folder / 'data'}\n"
    )
    command = [sys.executable, "-m", "radicale", "--config", str(folder / "config")]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        _wait_for(port, process, folder / "log")
        yield port
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise RuntimeError(f"Radicale does not listen: {log.read_text()}")


def send(port: int, method: str, path: str, body: str = "", **headers: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)
    token = base64.b64encode(b"alice:any").decode()
    try:
        all_headers = {"Authorization": f"Basic {token}"} | headers
        connection.request(method, path, body.encode(), all_headers)
        response = connection.getresponse()
        return response.status, response.read().decode()
    finally:
        connection.close()


def fields_of(text: str) -> dict[str, dict[str, Any]]:
    """Returns the fields of the tasks of a calendar, by id."""
    results = list(calendar_files.read(text, ZoneInfo("UTC")))
    return {result.key: result.fields for result in results if isinstance(result, Entry)}


@pytest.mark.slow
def test_radicale_stores_each_task(radicale: int) -> None:
    assert send(radicale, "MKCALENDAR", "/alice/single/")[0] == 201

    for task in TASKS:
        file = "".join(write_todos([task]))
        path = f"/alice/single/{task['id']}.ics"
        status, _ = send(radicale, "PUT", path, file, **{"Content-Type": "text/calendar"})
        assert status == 201
        status, stored = send(radicale, "GET", path)
        assert status == 200
        assert fields_of(stored) == fields_of(file) != {}


@pytest.mark.slow
def test_radicale_stores_a_whole_export(radicale: int) -> None:
    file = "".join(write_todos(TASKS))

    status, _ = send(radicale, "PUT", "/alice/all/", file, **{"Content-Type": "text/calendar"})
    assert status == 201

    _, stored = send(radicale, "GET", "/alice/all/")
    assert fields_of(stored) == fields_of(file)
    assert len(fields_of(stored)) == len(TASKS)
    # The tasks of that day: todo-3 is due then.
    status, found = send(radicale, "REPORT", "/alice/all/", REPORT, Depth="1")
    assert status == 207
    assert "UID:todo-3" in found
    assert "UID:todo-2" not in found


@pytest.mark.slow
def test_khal_lists_the_events_of_the_feed(tmp_path: Path) -> None:
    feed, config = tmp_path / "feed.ics", tmp_path / "config"
    feed.write_text("".join(write_events(TASKS, "Tasks")), newline="")
    (tmp_path / "calendar").mkdir()
    config.write_text(
        f"[calendars]\n[[feed]]\npath = {tmp_path / 'calendar'}\ntype = calendar\n"
        "[locale]\nlocal_timezone = Europe/Berlin\ndefault_timezone = Europe/Berlin\n"
        "timeformat = %H:%M\ndateformat = %Y-%m-%d\nlongdateformat = %Y-%m-%d\n"
        "datetimeformat = %Y-%m-%d %H:%M\nlongdatetimeformat = %Y-%m-%d %H:%M\n"
        f"[sqlite]\npath = {tmp_path / 'khal.db'}\n[default]\ndefault_calendar = feed\n"
    )

    def khal(*arguments: str) -> list[str]:
        code = "from khal.cli import main_khal; main_khal()"
        command = [sys.executable, "-c", code, "-c", str(config), *arguments]
        environment = os.environ | {"HOME": str(tmp_path), "LC_ALL": "C.UTF-8"}
        result = subprocess.run(
            command, env=environment, capture_output=True, text=True, timeout=120, check=False
        )
        assert result.returncode == 0, result.stderr
        return result.stdout.splitlines()

    khal("import", "--batch", "-a", "feed", str(feed))
    lines = khal(
        "list", "--day-format", "", "--format", "{start} {end} {title}", "2026-12-20", "2027-02-01"
    )

    long = "Ж" * 255
    assert [line for line in lines if line] == [
        "2026-12-24 2026-12-24 Buy milk",
        f"2026-12-28 17:00 2026-12-28 17:30 {long}",
        "2026-12-30 2026-12-30 Buy milk",
        f"2027-01-04 17:00 2027-01-04 17:30 {long}",
        f"2027-01-11 17:00 2027-01-11 17:30 {long}",
    ]


def test_an_event_whose_date_is_off_its_rule_has_no_rule() -> None:
    rule = {"rule": "FREQ=MONTHLY;BYDAY=-1FR", "from": "due"}
    off, on = (represented(due_date=day, repeat=rule) for day in ("2026-12-10", "2026-12-25"))

    assert "RRULE" not in "".join(write_events([off], "Tasks"))
    assert "RRULE:FREQ=MONTHLY;BYDAY=-1FR" in "".join(write_events([on], "Tasks"))


def test_to_dos_leave_out_the_trash() -> None:
    in_trash = represented(title="Old", deleted_at="2026-11-20T13:35:04Z")

    assert "Old" not in "".join(write_todos([in_trash]))


def test_the_feed_has_only_open_tasks_with_a_due_date() -> None:
    in_trash = represented(due_date="2026-12-24", deleted_at="2026-11-20T13:35:04Z")
    text = "".join(write_events([*TASKS, in_trash], "Alice; tasks"))

    assert [line for line in text.split("\r\n") if line.startswith("UID:")] == [
        "UID:todo-2",
        "UID:todo-3",
        "UID:todo-5",
    ]
    assert "X-WR-CALNAME:Alice\\; tasks\r\nNAME:Alice\\; tasks\r\n" in text
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n" in text
    assert text.count("TRANSP:TRANSPARENT\r\n") == 2
    assert text.count("DURATION:PT30M\r\n") == 1
    assert text.count("RRULE:") == 1
    assert "TRIGGER;VALUE=DATE-TIME:20261224T080000Z\r\n" in text
