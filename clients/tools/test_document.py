"""docs/openapi.yml in common tools: linters, and generators whose clients compile and work.

Run by `make clients`, not by `make test`.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from accounts.models import User
from conftest import ALICE, ROOT, Serve, token_for
from todo_api.tests.node import node_for

FOLDER = ROOT / "clients/tools"
DOCUMENT = str(ROOT / "docs/openapi.yml")
TOOLS = ROOT / ".data/document-tools"


def run(*command: str | Path, folder: Path = FOLDER) -> str:
    """Returns the output of a command, which must succeed."""
    environment = {**os.environ, "PATH": f"{TOOLS}/bin:{os.environ['PATH']}"}
    result = subprocess.run(
        [str(word) for word in command], cwd=folder, env=environment, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-3000:]
    return result.stdout


@pytest.fixture(scope="module", autouse=True)
def tools() -> None:
    node_for(FOLDER)
    uv = ROOT / ".venv/bin/uv"
    run(uv, "venv", "--quiet", "--clear", TOOLS)
    run(uv, "pip", "install", "--quiet", "--python", TOOLS / "bin/python", "-r", "requirements.txt")


def test_redocly_finds_only_the_ambiguous_paths_of_aliases() -> None:
    report = json.loads(run("npx", "redocly", "lint", DOCUMENT, "--format", "json"))

    assert {problem["ruleId"] for problem in report["problems"]} <= {"no-ambiguous-paths"}


def test_spectral_finds_nothing(tmp_path: Path) -> None:
    rules = tmp_path / "rules.yaml"
    rules.write_text('extends: ["spectral:oas"]\n')

    run("npx", "spectral", "lint", DOCUMENT, "--ruleset", rules, "--fail-severity", "hint")


@pytest.mark.django_db(transaction=True)
def test_the_client_of_hey_api_compiles_and_works(serve: Serve, tmp_path: Path) -> None:
    User.objects.create(id=ALICE, password="!")
    sources, built = tmp_path / "sources", tmp_path / "built"

    run("npx", "openapi-ts", "-i", DOCUMENT, "-o", sources, "-c", "@hey-api/client-fetch")
    names = [str(file) for file in sources.rglob("*.ts")]
    options = json.loads((FOLDER / "tsconfig.json").read_text())["compilerOptions"]
    config = {"compilerOptions": {**options, "outDir": str(built)}, "files": names}
    (tmp_path / "tsconfig.json").write_text(json.dumps(config))
    run("npx", "tsc", "--project", tmp_path)

    run("node", "life.cjs", built, serve("--workers", "1"), token_for(ALICE))


@pytest.mark.skipif(shutil.which("java") is None, reason="needs Java")
def test_the_client_of_openapi_generator_compiles(tmp_path: Path) -> None:
    generate = ("openapi-generator-cli", "generate", "-g", "typescript-fetch", "-i", DOCUMENT)
    run(*generate, "-o", tmp_path / "sources")
    config = {
        **json.loads((FOLDER / "tsconfig.json").read_text()),
        "files": [str(tmp_path / "sources/index.ts")],
    }
    (tmp_path / "tsconfig.json").write_text(json.dumps(config))

    run("npx", "tsc", "--project", tmp_path, "--noEmit")

    task = (tmp_path / "sources/models/TaskRequest.ts").read_text()
    assert "dueDate?: string | null;" in task
    assert "listTasks(" in (tmp_path / "sources/apis/TasksApi.ts").read_text()


@pytest.mark.django_db(transaction=True)
def test_the_client_of_openapi_python_client_works(serve: Serve, tmp_path: Path) -> None:
    User.objects.create(id=ALICE, password="!")
    generate = ("openapi-python-client", "generate", "--path", DOCUMENT, "--meta", "none")

    run(*generate, "--output-path", tmp_path / "todo_api_client")

    life = (FOLDER / "life.py").read_text()
    (tmp_path / "life.py").write_text(life)
    address = serve("--workers", "1")
    run(TOOLS / "bin/python", "life.py", address, token_for(ALICE), folder=tmp_path)


def test_the_own_client_compiles_with_the_newest_typescript() -> None:
    client = ROOT / "clients/typescript"
    node_for(client)
    newest = FOLDER / "node_modules/typescript-7/bin/tsc"
    run("node", newest, "--project", client / "tsconfig.build.json", "--noEmit")
