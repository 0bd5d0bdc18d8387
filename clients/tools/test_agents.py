"""The Model Context Protocol of the running service: its official client and conformance tests.

Run by `make clients`, not by `make test`.
"""

from pathlib import Path

import pytest
from test_document import FOLDER, TOOLS, run, tools  # noqa: F401  (tools is an autouse fixture)

from accounts.models import User
from conftest import ALICE, Serve, token_for
from tasks.models import Task
from todo_api.tests.node import node_for

pytestmark = pytest.mark.django_db(transaction=True)

# The scenarios that cannot succeed, by reason. They fail if one does succeed.
NOT_OFFERED = {
    "a server with tools only": [
        "logging-set-level", "completion-complete", "resources-list", "resources-read-text",
        "resources-read-binary", "resources-templates-read", "resources-subscribe",
        "resources-unsubscribe", "prompts-list", "prompts-get-simple", "prompts-get-with-args",
        "prompts-get-embedded-resource", "prompts-get-with-image",
    ],
    "they call tools of the suite's own example server": [
        "tools-call-simple-text", "tools-call-image", "tools-call-audio",
        "tools-call-embedded-resource", "tools-call-mixed-content", "tools-call-with-logging",
        "tools-call-error", "tools-call-with-progress", "tools-call-sampling",
        "tools-call-elicitation", "elicitation-sep1034-defaults", "elicitation-sep1330-enums",
        "json-schema-2020-12",
    ],
    "there are no sessions and event streams": [
        "server-sse-polling", "server-sse-multiple-streams",
    ],
}  # fmt: skip


@pytest.mark.parametrize("mode", ["auto", "legacy"])
@pytest.mark.parametrize("claims", [{}, {"scope": "tasks:read tasks:write"}], ids=["all", "scopes"])
def test_the_official_client_calls_each_tool(
    serve: Serve, tmp_path: Path, mode: str, claims: dict[str, str]
) -> None:
    User.objects.create(id=ALICE, password="!")
    address = serve("--workers", "1")

    run(TOOLS / "bin/python", "agent.py", address, token_for(ALICE, **claims), mode)

    assert Task.objects.count() == 2
    log = (tmp_path / "gunicorn.log").read_text()
    assert "POST /api/mcp 200" in log
    assert "Water" not in log
    assert "Traceback" not in log


def test_the_conformance_tests_find_nothing(serve: Serve, tmp_path: Path) -> None:
    User.objects.create(id=ALICE, password="!")
    expected = tmp_path / "expected.yml"
    names = [name for some in NOT_OFFERED.values() for name in some]
    expected.write_text("\n".join(["server:", *(f"  - {name}" for name in names)]))
    program = FOLDER / "node_modules/@modelcontextprotocol/conformance/dist/index.js"
    node = ("env", f"TOKEN={token_for(ALICE)}", node_for(FOLDER))
    address = f"{serve('--workers', '1')}/api/mcp"
    options = ("--suite", "all", "--expected-failures", expected, "--output-dir", tmp_path)

    report = run(
        *node, "--import", FOLDER / "with_token.mjs", program, "server", "--url", address, *options
    )

    for name in ("server-initialize", "ping", "tools-list", "dns-rebinding-protection"):
        assert f"✓ {name}: " in report
