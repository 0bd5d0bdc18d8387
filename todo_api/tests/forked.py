"""Python processes that are forked from one which has imported the libraries.

Importing them is most of the work of a start, and the tests start hundreds of servers and commands.
"""

import os
import runpy
import subprocess
import sys
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parent.parent.parent
# Only libraries that read neither Django's settings nor the environment when they are imported.
# gunicorn and prometheus_client read the environment.
LIBRARIES = [
    "argon2", "cryptography.hazmat.primitives.asymmetric.ed25519", "django.core.handlers.wsgi",
    "django.core.management.commands.migrate", "django.core.management.templates",
    "django.contrib.postgres.fields", "django.db.backends.postgresql.base", "django.forms",
    "django.middleware.csrf", "django.template.backends.django", "django.test", "dj_database_url",
    "dotenv", "idna", "inflection", "jsonschema", "jwt", "orjson", "pygments.formatters.html",
    "pygments.lexers.data", "redis", "requests", "tqdm", "uritemplate", "uvloop",
    "whitenoise.middleware", "yaml",
]  # fmt: skip

processes = get_context("forkserver")
processes.set_forkserver_preload(LIBRARIES)


def start(
    *arguments: str,
    environment: dict[str, str],
    output: Path,
    errors: Path | None = None,
    typed: Path = Path(os.devnull),
) -> BaseProcess:
    """Starts `python` with these arguments, either `-m module …` or `file …`, in the root folder.

    It reads the file `typed`, and appends to the files `output` and `errors`, by default one file.
    """
    files = (typed, output, errors or output)
    process = processes.Process(target=_run, args=(arguments, environment, files))
    process.start()
    return process


def manage(
    *arguments: str, environment: dict[str, str], typed: str = ""
) -> subprocess.CompletedProcess[str]:
    """Runs manage.py with these arguments, and with `typed` as its standard input."""
    with TemporaryDirectory() as folder:
        written, output, errors = (Path(folder) / name for name in ("typed", "output", "errors"))
        written.write_text(typed)
        command = ("manage.py", *arguments)
        process = start(
            *command, environment=environment, output=output, errors=errors, typed=written
        )
        process.join(120)
        assert process.exitcode is not None
        return subprocess.CompletedProcess(
            command, process.exitcode, output.read_text(), errors.read_text()
        )


def _run(
    arguments: tuple[str, ...], environment: dict[str, str], files: tuple[Path, Path, Path]
) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(ROOT)
    os.setsid()  # without a terminal, where a password would be asked for
    flags = (os.O_RDONLY, *[os.O_WRONLY | os.O_CREAT | os.O_APPEND] * 2)
    for number, (file, flag) in enumerate(zip(files, flags, strict=True)):
        os.dup2(os.open(file, flag), number)
    sys.stdin = os.fdopen(0)
    if arguments[0] == "-m":
        sys.argv = list(arguments[1:])
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
    else:
        sys.argv = list(arguments)
        runpy.run_path(arguments[0], run_name="__main__")
