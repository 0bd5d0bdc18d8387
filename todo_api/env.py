"""Typed readers of environment variables. Independent of Django's settings.

A reader never raises. It records a problem and returns the default, so that `raise_if_invalid` can
report all problems at once instead of one per start.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
from django.core.exceptions import ImproperlyConfigured

SECRET_BYTES = 32
WELL_KNOWN_SECRETS = re.compile(
    r"django-insecure|change.?me|replace.?me|your.?secret|better-auth-secret-12345|example|placeholder",
    re.IGNORECASE,
)
ON = {"1", "true", "yes", "on"}
OFF = {"0", "false", "no", "off"}
LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class Environment:
    """Reads variables by name. An empty variable counts as missing."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self.variables = variables
        self.problems: list[str] = []

    def text(self, name: str, default: str = "") -> str:
        # Forms of platforms and .env files often leave quotes around a value.
        return self.variables.get(name, "").strip().strip("'\"").strip() or default

    def flag(self, name: str, default: bool) -> bool:
        value = self.text(name).lower()
        if value and value not in ON | OFF:
            self.add_problem(name, "expected on or off", value)
        return value in ON if value in ON | OFF else default

    def number(self, name: str, default: int, minimum: int, maximum: int) -> int:
        value = self.text(name)
        if not value:
            return default
        if not re.fullmatch(r"[0-9]{1,9}", value) or not minimum <= int(value) <= maximum:
            self.add_problem(name, f"expected a whole number from {minimum} to {maximum}", value)
            return default
        return int(value)

    def words(self, name: str, default: Sequence[str] = ()) -> list[str]:
        """Returns a comma-separated list, without blanks."""
        words = [word.strip() for word in self.text(name).split(",") if word.strip()]
        return words or list(default)

    def hosts(self, name: str) -> list[str]:
        """Returns host names. Refuses wildcards: responses contain links with the host."""
        hosts = self.words(name)
        for host in hosts:
            if "*" in host or host.startswith("."):  # Django reads a leading dot as a wildcard
                self.add_problem(name, "a wildcard accepts any host; list the host names", host)
            elif re.search(r"[/:]", host):
                self.add_problem(name, "expected host names, without scheme, port and path", host)
        return hosts

    def choice(
        self, name: str, choices: Iterable[str], preset: Mapping[str, str] | None = None
    ) -> str:
        """Returns one of `choices`. The default is that of the preset, else the first choice."""
        words = list(choices)
        default = (preset or {}).get(name, words[0])
        value = self.text(name, default).lower()
        if value not in words:
            self.add_problem(name, f"expected one of {', '.join(words)}", value)
            return default
        return value

    def choices(self, name: str, choices: Sequence[str], default: Sequence[str]) -> list[str]:
        """Returns a comma-separated list of some of `choices`."""
        words = [word.lower() for word in self.words(name, default)]
        if unknown := [word for word in words if word not in choices]:
            self.add_problem(name, f"expected some of {', '.join(choices)}", ", ".join(unknown))
            return list(default)
        return words

    def secret(self, name: str, default: str = "") -> str:
        """Returns a secret of at least 32 bytes that is not a well-known example. Problems do not
        contain its value.
        """
        value = self.text(name)
        if not value:
            return default
        make = "make one with: openssl rand -base64 48"
        if len(value.encode()) < SECRET_BYTES:
            self.add_problem(name, f"expected at least {SECRET_BYTES} bytes; {make}")
        elif WELL_KNOWN_SECRETS.search(value) or len(set(value)) < 8:
            self.add_problem(name, f"is a well-known or guessable value; {make}")
        elif value.startswith(("-----BEGIN", "ssh-", "{")):
            # If it is a public key, anyone who has it could sign tokens.
            self.add_problem(name, f"is the text of a key, expected random characters; {make}")
        return value

    def document(self, name: str, valid: Callable[[str], object]) -> str:
        """Returns JSON text from the variable, or from the file that the variable names.

        `valid` raises ValueError for an invalid document.
        """
        value = self.variables.get(name, "").strip()
        try:
            text = value if value.startswith("{") or not value else Path(value).read_text()
            if text:
                valid(text)
        except OSError:
            self.add_problem(name, "expected JSON text, or the path of a file that holds it")
            return ""
        except ValueError as exc:
            self.add_problem(name, str(exc))
            return ""
        return text

    def url(self, name: str, default: str = "", *, whole: bool = False) -> str:
        """Returns an http(s) URL without a final slash. Plain http is allowed for localhost only.

        A query is allowed only in a `whole` URL, to which no path is appended.
        """
        value = self.text(name, default).rstrip("/")
        if value:
            parts = _split(value)
            if not whole and ("?" in value or "#" in value):
                self.add_problem(name, "expected an address without ? and #", value)
                return ""
            if not parts or not parts.hostname or parts.scheme not in {"http", "https"}:
                self.add_problem(
                    name, "expected an address such as https://app.my-domain.com", value
                )
                return ""
            if parts.scheme == "http" and parts.hostname not in LOOPBACK:
                self.add_problem(name, "expected https (plain http only on localhost)", value)
        return value

    @staticmethod
    def origin_of(url: str) -> str:
        """Returns the origin (`https://host[:port]`) of a URL; "" for ""."""
        if not url:
            return ""
        parts = urlsplit(url)
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        default = {"https": 443, "http": 80}.get(parts.scheme)
        port = f":{parts.port}" if parts.port and parts.port != default else ""
        return f"{parts.scheme}://{host}{port}"

    def origins(self, name: str, default: Sequence[str] = ()) -> list[str]:
        """Returns browser origins, `scheme://host[:port]`. Refuses wildcards."""
        origins = []
        for word in self.words(name, default):
            origin = word.rstrip("/").lower()
            parts = _split(origin)
            if "*" in origin:
                self.add_problem(name, "a wildcard would allow every website", origin)
            elif not parts or not parts.hostname or origin != f"{parts.scheme}://{parts.netloc}":
                self.add_problem(name, "expected origins such as https://app.my-domain.com", origin)
            else:
                origins.append(self.origin_of(origin))
        return origins

    def database(self, name: str, default: str = "") -> dict[str, Any]:
        """Returns Django's settings for a PostgreSQL URL, in any spelling that providers use."""
        value = self.text(name, default)
        if not value:
            self.add_problem(name, "is missing; expected postgresql://user:password@host/name")
            return {}
        value = re.sub(r"^postgres(ql)?(\+\w+)?://", "postgresql://", value)
        # The parameter sslmode of libpq is called ssl in SQLAlchemy's asyncpg.
        value = re.sub(r"([?&])ssl=", r"\1sslmode=", value.replace("ssl=true", "ssl=require"))
        try:
            if not value.startswith("postgresql://"):
                raise ValueError
            database = {**dj_database_url.parse(value)}
            if not database["NAME"]:
                raise ValueError
        except ValueError:  # dj-database-url's errors, too; the problem must not contain the URL
            self.add_problem(name, "expected postgresql://user:password@host/name, percent-encoded")
            return {}
        return database

    def path(self, name: str, default: str, taken: Sequence[str]) -> str:
        """Returns the first segment of a path, without slashes, that is not in `taken`."""
        value = self.text(name, default).strip("/")
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", value) or value in taken:
            other = f", other than {', '.join(taken)}"
            self.add_problem(name, f"expected letters, digits, - and _{other}", value)
            return default
        return value

    def redis(self, name: str) -> str:
        """Returns the URL of a Redis, or "". Problems do not contain it: it may hold a password."""
        value = self.text(name)
        if value:
            from redis import Redis  # takes 0.1 s, so only if needed

            try:
                # Its parameters go to the client unchanged. This opens no connection.
                Redis.from_url(value).connection_pool.make_connection()
            except (ValueError, TypeError):
                self.add_problem(
                    name, "expected redis://:password@host:6379, rediss://… or unix://…"
                )
                return ""
        return value

    def add_problem(self, name: str, expected: str, value: str = "") -> None:
        """Records a problem. A `value` appears in the message, so it must not be secret."""
        self.problems.append(f"{name}: {expected}" + (f" (it is {value!r})" if value else ""))

    def raise_if_invalid(self) -> None:
        """Raises ImproperlyConfigured with one line per problem, if there are any."""
        if self.problems:
            lines = "\n".join(f"  {problem}" for problem in self.problems)
            raise ImproperlyConfigured(f"The service cannot start with these settings:\n{lines}")


def _split(value: str) -> Any:
    try:
        parts = urlsplit(value)
        parts.port  # noqa: B018  (reading it validates it)
    except ValueError:
        return None
    return parts
