"""The TypeScript client: its types match the OpenAPI document, and its tests pass against running
services. Run by `make clients`, not by `make test`.
"""

import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from django.db import connection

from accounts.models import User
from conftest import ALICE, BOB, ROOT, Serve, database_url, token_for
from todo_api.tests.node import node_for
from todo_api.tests.settings import SECRET

TOOLS = ROOT / "clients" / "tools"
CLIENT = ROOT / "clients" / "typescript"
NODE_MODULES = CLIENT / "node_modules"
PACKAGE = ("package.json", "tsconfig.json", "tsconfig.build.json", "src", "test", "examples")
BETTER_AUTH = ROOT / "tests" / "better_auth"
# Files of an app that the snippets of README.md import.
APP = {
    "auth-client.ts": """
        import { createAuthClient } from "better-auth/client";
        import { jwtClient } from "better-auth/client/plugins";
        export const authClient = createAuthClient({ plugins: [jwtClient()] });
    """,
    "auth.ts": """
        import { betterAuth } from "better-auth";
        import { jwt } from "better-auth/plugins";
        export const auth = betterAuth({ plugins: [jwt()] });
    """,
    "next.d.ts": 'declare module "next/headers" { export function headers(): Promise<Headers>; }',
}

pytestmark = pytest.mark.slow


def run(command: list[str | Path], folder: Path, **variables: str) -> str:
    """Returns the output of the command. Fails with the output if the command fails."""
    done = subprocess.run(
        command, cwd=folder, env={**os.environ, **variables}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout[-10_000:] + done.stderr[-2_000:]
    return done.stdout


def compiler(node: str) -> list[str | Path]:
    return [node, NODE_MODULES / "typescript" / "bin" / "tsc"]


@pytest.fixture
def node() -> str:
    return node_for(CLIENT)


@pytest.fixture
def package(node: str, tmp_path: Path) -> Path:
    """A built copy of the package. The folder itself may contain a developer's build."""
    copy = tmp_path / "typescript"
    copy.mkdir()
    for name in PACKAGE:
        if (CLIENT / name).is_dir():
            shutil.copytree(CLIENT / name, copy / name)
        else:
            shutil.copy(CLIENT / name, copy / name)
    (copy / "node_modules").symlink_to(NODE_MODULES)
    node_for(TOOLS)
    (tmp_path / "node_modules").symlink_to(TOOLS / "node_modules")  # RxDB, for an example
    run([*compiler(node), "--project", "tsconfig.build.json"], copy)
    return copy


def test_its_types_match_the_openapi_document(node: str) -> None:
    command = NODE_MODULES / "openapi-typescript" / "bin" / "cli.js"
    document = ROOT / "docs" / "openapi.yml"

    generated = run([node, command, document], CLIENT)

    assert (CLIENT / "src" / "schema.ts").read_text() == generated, "run: make client"


def test_its_tests_pass_against_running_services(
    package: Path, node: str, serve: Serve, alice: User
) -> None:
    User.objects.create(id="suspended", is_active=False)
    without_tables = database_url().replace(f"/{connection.settings_dict['NAME']}?", "/postgres?")
    services = {
        "TODO_API_URL": serve(RATE_LIMIT_PER_MINUTE="0"),
        "TODO_API_BROKEN_URL": serve("--workers", "1", DATABASE_URL=without_tables),
        "TODO_API_UNAVAILABLE_URL": serve(
            "--workers", "1", DATABASE_URL="postgresql://nobody@127.0.0.1:1/nowhere"
        ),
    }
    tokens = {
        "TODO_API_TOKEN": token_for(ALICE),
        "TODO_API_EXPIRED_TOKEN": token_for(ALICE, exp=int(time.time()) - 3600),
        "TODO_API_SUSPENDED_TOKEN": token_for("suspended"),
        "TODO_API_NEWCOMER_TOKEN": token_for(BOB),
        "TODO_API_SECRET": SECRET,
    }
    run(compiler(node), package)
    tests = sorted((package / "build" / "test").glob("*.test.js"))
    options = ["--test", "--test-reporter=tap", "--test-timeout=60000"]

    report = run([node, *options, *tests], package, **services, **tokens)

    assert tests
    assert "\n# fail 0\n" in report
    assert "\n# skipped 0\n" in report


def test_every_snippet_of_its_readme_compiles(package: Path, node: str) -> None:
    snippets = re.findall("^```ts\n(.*?)^```", (CLIENT / "README.md").read_text(), re.M | re.S)
    app = package / "app"
    app.mkdir()
    for number, snippet in enumerate(snippets):
        named = re.match(r"// lib/([\w-]+\.ts)\n", snippet)
        (app / (named[1] if named else f"{number}.ts")).write_text(snippet)
    for name, text in APP.items():
        (app / name).write_text(text)
    node_for(BETTER_AUTH)
    (app / "node_modules").symlink_to(BETTER_AUTH / "node_modules")
    strict = ["--strict", "--noUncheckedIndexedAccess", "--exactOptionalPropertyTypes"]
    as_next = ["--module", "esnext", "--moduleResolution", "bundler", "--target", "es2022"]
    types = ["--typeRoots", str(NODE_MODULES / "@types"), "--skipLibCheck", "--noEmit"]

    run([*compiler(node), *strict, *as_next, *types, *sorted(app.glob("*.ts"))], app)

    assert {"api.ts", "api-server.ts"} < {path.name for path in app.glob("*.ts")}


@pytest.mark.parametrize("folder", ["clients/tools", "clients/typescript", "tests/better_auth"])
def test_a_lock_file_contains_no_download_urls(folder: str) -> None:
    assert '"resolved"' not in (ROOT / folder / "package-lock.json").read_text()
