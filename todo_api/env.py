"""Typed readers of the environment. Knows nothing of Django settings.

A reader never raises: it notes what is wrong and returns the default, so that `stop_if_unsafe`
names everything at once instead of one variable per start.
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
    """Reads variables by name. Empty and missing are the same: the default."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self.variables = variables
        self.problems: list[str] = []

    def text(self, name: str, default: str = "") -> str:
        # Platforms' forms and .env files often leave quotes around a value.
        return self.variables.get(name, "").strip().strip("'\"").strip() or default

    def flag(self, name: str, default: bool) -> bool:
        value = self.text(name).lower()
        if value and value not in ON | OFF:
            self.wrong(name, "expected on or off", value)
        return value in ON if value in ON | OFF else default

    def number(self, name: str, default: int, minimum: int, maximum: int) -> int:
        value = self.text(name)
        if not value:
            return default
        if not re.fullmatch(r"[0-9]{1,9}", value) or not minimum <= int(value) <= maximum:
            self.wrong(name, f"expected a whole number from {minimum} to {maximum}", value)
            return default
        return int(value)

    def words(self, name: str, default: Sequence[str] = ()) -> list[str]:
        """A comma-separated list, without blanks."""
        words = [word.strip() for word in self.text(name).split(",") if word.strip()]
        return words or list(default)

    def hosts(self, name: str) -> list[str]:
        """Host names. A wildcard is refused: the host ends up in the links of answers."""
        hosts = self.words(name)
        for host in hosts:
            if "*" in host or host.startswith("."):  # a dot in front is Django's other wildcard
                self.wrong(name, "a wildcard accepts hosts that nobody named; name yours", host)
            elif re.search(r"[/:]", host):
                self.wrong(name, "expected host names, without scheme, port and path", host)
        return hosts

    def choice(
        self, name: str, choices: Iterable[str], preset: Mapping[str, str] | None = None
    ) -> str:
        """One word out of `choices`; without it what the preset says, or else the first."""
        words = list(choices)
        default = (preset or {}).get(name, words[0])
        value = self.text(name, default).lower()
        if value not in words:
            self.wrong(name, f"expected one of {', '.join(words)}", value)
            return default
        return value

    def chosen(self, name: str, choices: Sequence[str], default: Sequence[str]) -> list[str]:
        """A comma-separated list out of `choices`."""
        words = [word.lower() for word in self.words(name, default)]
        if unknown := [word for word in words if word not in choices]:
            self.wrong(name, f"expected some of {', '.join(choices)}", ", ".join(unknown))
            return list(default)
        return words

    def secret(self, name: str, default: str = "") -> str:
        """A secret of at least 32 bytes that is in nobody's documentation. Never shown."""
        value = self.text(name)
        if not value:
            return default
        make = "make one with: openssl rand -base64 48"
        if len(value.encode()) < SECRET_BYTES:
            self.wrong(name, f"expected at least {SECRET_BYTES} bytes; {make}")
        elif WELL_KNOWN_SECRETS.search(value) or len(set(value)) < 8:
            self.wrong(name, f"is a well-known or guessable value; {make}")
        elif value.startswith(("-----BEGIN", "ssh-", "{")):
            # Whoever has a public key in hand could sign with it.
            self.wrong(name, f"is the text of a key, expected random characters; {make}")
        return value

    def document(self, name: str, valid: Callable[[str], object]) -> str:
        """Text in JSON, written into the variable itself or into the file that it names.

        `valid` raises ValueError when the document is not what it should be.
        """
        value = self.variables.get(name, "").strip()
        try:
            text = value if value.startswith("{") or not value else Path(value).read_text()
            if text:
                valid(text)
        except OSError:
            self.wrong(name, "expected JSON text, or the path of a file that holds it")
            return ""
        except ValueError as exc:
            self.wrong(name, str(exc))
            return ""
        return text

    def url(self, name: str, default: str = "", *, whole: bool = False) -> str:
        """An http(s) address without a slash at its end; plain http only on this machine. Only a
        `whole` one may have a query: nothing is appended to it.
        """
        value = self.text(name, default).rstrip("/")
        if value:
            parts = _split(value)
            if not whole and ("?" in value or "#" in value):
                self.wrong(name, "expected an address without ? and #", value)
                return ""
            if not parts or not parts.hostname or parts.scheme not in {"http", "https"}:
                self.wrong(name, "expected an address such as https://app.my-domain.com", value)
                return ""
            if parts.scheme == "http" and parts.hostname not in LOOPBACK:
                self.wrong(name, "expected https (plain http only on localhost)", value)
        return value

    @staticmethod
    def origin_of(url: str) -> str:
        """`https://host:port` of an address; "" of ""."""
        if not url:
            return ""
        parts = urlsplit(url)
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        usual = {"https": 443, "http": 80}.get(parts.scheme)
        port = f":{parts.port}" if parts.port and parts.port != usual else ""
        return f"{parts.scheme}://{host}{port}"

    def origins(self, name: str, default: Sequence[str] = ()) -> list[str]:
        """Browser origins, `scheme://host[:port]`, as browsers send them. A wildcard is refused."""
        origins = []
        for word in self.words(name, default):
            origin = word.rstrip("/").lower()
            parts = _split(origin)
            if "*" in origin:
                self.wrong(name, "a wildcard would let every website act for its visitors", origin)
            elif not parts or not parts.hostname or origin != f"{parts.scheme}://{parts.netloc}":
                self.wrong(name, "expected origins such as https://app.my-domain.com", origin)
            else:
                origins.append(self.origin_of(origin))
        return origins

    def database(self, name: str, default: str = "") -> dict[str, Any]:
        """Django's settings for a PostgreSQL address, in any spelling that providers hand out."""
        value = self.text(name, default)
        if not value:
            self.wrong(name, "is missing; expected postgresql://user:password@host/name")
            return {}
        value = re.sub(r"^postgres(ql)?(\+\w+)?://", "postgresql://", value)
        # SQLAlchemy's asyncpg calls libpq's sslmode ssl.
        value = re.sub(r"([?&])ssl=", r"\1sslmode=", value.replace("ssl=true", "ssl=require"))
        try:
            if not value.startswith("postgresql://"):
                raise ValueError
            database = {**dj_database_url.parse(value)}
            if not database["NAME"]:
                raise ValueError
        except ValueError:  # also dj-database-url's own errors; the address itself is never shown
            self.wrong(name, "expected postgresql://user:password@host/name, percent-encoded")
            return {}
        return database

    def path(self, name: str, default: str, taken: Sequence[str]) -> str:
        """The first part of a path, without slashes, that nothing else lives under."""
        value = self.text(name, default).strip("/")
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", value) or value in taken:
            other = f", other than {', '.join(taken)}"
            self.wrong(name, f"expected letters, digits, - and _{other}", value)
            return default
        return value

    def redis(self, name: str) -> str:
        """The address of a Redis, or "". Never shown: it may hold a password."""
        value = self.text(name)
        if value:
            from redis import Redis  # a tenth of a second that nobody else pays

            try:
                # Its parameters go to the client unchanged. Nothing is connected yet.
                Redis.from_url(value).connection_pool.make_connection()
            except (ValueError, TypeError):
                self.wrong(name, "expected redis://:password@host:6379, rediss://… or unix://…")
                return ""
        return value

    def wrong(self, name: str, expected: str, came: str = "") -> None:
        self.problems.append(f"{name}: {expected}" + (f" (it is {came!r})" if came else ""))

    def stop_if_unsafe(self) -> None:
        """Raises ImproperlyConfigured with one line for each variable that is wrong or missing."""
        if self.problems:
            lines = "\n".join(f"  {problem}" for problem in self.problems)
            raise ImproperlyConfigured(f"The service cannot start with these settings:\n{lines}")


def _split(value: str) -> Any:
    try:
        parts = urlsplit(value)
        parts.port  # noqa: B018  (reading it is what checks it)
    except ValueError:
        return None
    return parts
