"""Typed readers of environment variables. Independent of Django's settings.

A reader never raises. It records a problem and returns the default, so that `raise_if_invalid` can
report all problems at once instead of one per start.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson
from django.core.exceptions import ImproperlyConfigured

from todo_api import addresses
from todo_api.addresses import AddressError

SECRET_BYTES = 32
MEMBERS_BYTES = 1_024
CAMEL = re.compile(r"(?<=[a-z])([A-Z])(?=[a-z]|$)")
WELL_KNOWN_SECRETS = re.compile(
    r"django-insecure|change.?me|replace.?me|your.?secret|better-auth-secret-12345|example|placeholder",
    re.IGNORECASE,
)
ON = {"1", "true", "yes", "on"}
OFF = {"0", "false", "no", "off"}
# References that platforms replace: ${NAME}, ${{service.NAME}}, {{NAME}}, $(NAME).
UNRESOLVED = re.compile(r"\$\{\{?\s*\w[^{}]*\}|\$\(\w+\)|\{\{\s*\w[^{}]*\}\}")
# A header name (RFC 9110, 5.6.2).
HEADER_NAME = re.compile(r"[a-z0-9!#$%&'*+.^_`|~-]+")


class Environment:
    """Reads variables by name. An empty variable counts as missing."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self.variables = variables
        self.problems: list[str] = []

    def text(self, name: str, default: str = "", *, whole_only: bool = False) -> str:
        """Returns a value without surrounding blanks and quotes. Refuses references that were not
        replaced; with `whole_only`, for secrets, only if they are the whole value.
        """
        # Forms of platforms and .env files often leave quotes around a value.
        value = self.variables.get(name, "").strip().strip("'\"").strip()
        found = UNRESOLVED.fullmatch(value) if whole_only else UNRESOLVED.search(value)
        if found:
            self.add_problem(name, "contains a reference such as ${NAME} that was not replaced")
            return default
        return value or default

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
        """Returns a list: separated by commas or blanks, or a JSON array."""
        text = self.text(name)
        if text.startswith(('["', "['")):
            text = text[1:].removesuffix("]")
        words = [word.strip("'\"") for word in re.split(r"[\s,]+", text)]
        return [word for word in words if word] or list(default)

    def hosts(self, name: str) -> list[str]:
        """Returns host names. Refuses wildcards: responses contain links with the host."""
        hosts = []
        for word in self.words(name):
            is_ipv6 = word.startswith("[") and word.endswith("]")
            try:
                if "*" in word or word.startswith("."):  # Django reads a leading dot as a wildcard
                    raise AddressError("a wildcard accepts any host; list the host names")
                if not is_ipv6 and re.search(r"[/:]", word):
                    raise AddressError("expected host names, without scheme, port and path")
                host = addresses.ascii_host(word[1:-1] if is_ipv6 else word)
                hosts.append(f"[{host}]" if is_ipv6 else host)
            except AddressError as exc:
                self.add_problem(name, str(exc), word)
        return hosts

    def private_hosts(self, name: str) -> list[str]:
        """Returns hosts, or patterns such as `*.internal`, of a private network."""
        hosts = [host.lower() for host in self.words(name)]
        for host in hosts:
            if not addresses.is_private(host):
                expected = "expected hosts of a private network, such as frontend or *.internal"
                self.add_problem(name, expected, host)
        return hosts

    def header_names(self, name: str) -> list[str]:
        """Returns header names in lower case."""
        names = [word.lower() for word in self.words(name)]
        for word in names:
            if not HEADER_NAME.fullmatch(word) or word == "*":
                self.add_problem(name, "expected names of headers", word)
        return names

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
        value = self.text(name, whole_only=True)
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

    def document(self, name: str, valid: Callable[[str], object] | None = None) -> str:
        """Returns JSON text from the variable, or from the file that the variable names.

        `valid` raises ValueError for an invalid document.
        """
        value = self.text(name)
        try:
            is_text = value.startswith(("{", "[")) or not value
            text = value if is_text else Path(value).read_text()
            if text and valid:
                valid(text)
        except OSError:
            self.add_problem(name, "expected JSON text, or the path of a file that holds it")
            return ""
        except ValueError as exc:
            self.add_problem(name, str(exc))
            return ""
        return text

    def url(
        self, name: str, default: str = "", *, whole: bool = False, plain_http: Sequence[str] = ()
    ) -> str:
        """Returns an http(s) URL without a final slash (addresses.http_url)."""
        value = self.text(name, default).rstrip("/")
        if not value:
            return ""
        try:
            return addresses.http_url(value, whole=whole, plain_http=plain_http)
        except AddressError as exc:
            self.add_problem(name, str(exc), value)
            return ""

    def origins(
        self, name: str, default: Sequence[str] = (), *, patterns: bool = True
    ) -> list[str]:
        """Returns browser origins, `scheme://host[:port]`, and patterns of preview deployments."""
        origins = []
        for word in self.words(name, default):
            try:
                if "*" in word and not patterns:
                    raise AddressError("expected origins without *")
                if "*" in word:
                    addresses.preview_pattern(word.rstrip("/").lower())
                    origins.append(word.rstrip("/").lower())
                    continue
                parts = addresses.split(word.rstrip("/"))
                if parts.path or parts.query or parts.fragment:
                    raise AddressError("expected origins such as https://app.my-domain.com")
                origins.append(addresses.origin_of(parts.geturl()))
            except AddressError as exc:
                expected = str(exc).replace("an address", "origins")
                self.add_problem(name, expected, word)
        return origins

    def database(self, name: str, default: str = "") -> dict[str, Any]:
        """Returns Django's settings for a PostgreSQL URL."""
        before = len(self.problems)
        value = self.text(name, default)
        if not value and len(self.problems) == before:
            self.add_problem(name, "is missing; expected postgresql://user:password@host/name")
        if not value:
            return {}
        try:
            return addresses.database(value)
        except AddressError as exc:
            self.add_problem(name, str(exc))
            return {}

    def members(self, name: str, taken: Collection[str], *, is_camel: bool) -> dict[str, Any]:
        """Returns a JSON object of at most 1 kB, whose names are not in `taken`. With `is_camel`,
        names in camel case are converted to snake case.
        """
        text = self.variables.get(name, "").strip().strip("'").strip()
        try:
            members = orjson.loads(text or "{}")
            orjson.dumps(members)  # it cannot write all that it reads
        except (ValueError, TypeError):
            members = None
        if not isinstance(members, dict) or len(text.encode()) > MEMBERS_BYTES:
            self.add_problem(name, f"expected a JSON object of at most {MEMBERS_BYTES} bytes")
            return {}
        if is_camel:
            members = {CAMEL.sub(r"_\1", key).lower(): value for key, value in members.items()}
        if used := sorted(set(members) & set(taken)):
            self.add_problem(name, "these members exist already", ", ".join(used))
            return {}
        return members

    def identifier(self, name: str) -> str:
        """Returns a name for PostgreSQL that needs no quotes, or ""."""
        value = self.text(name)
        if value and not re.fullmatch(r"(?!pg_)[a-z_][a-z0-9_]{0,62}", value):
            self.add_problem(name, "expected lower-case letters, digits and _", value)
            return ""
        return value

    def path(self, name: str, default: str, taken: Sequence[str]) -> str:
        """Returns the first segment of a path, without slashes, that is not in `taken`. It may be
        empty if the default is.
        """
        value = self.text(name, default).strip("/")
        if not value and not default:
            return ""
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
        """Records a problem. The message contains `value`, unless it may hold a secret."""
        is_shown = value and not re.search(r"[@?]", value)
        problem = f"{name}: {expected}" + (f" (it is {value!r})" if is_shown else "")
        if problem not in self.problems:
            self.problems.append(problem)

    def raise_if_invalid(self) -> None:
        """Raises ImproperlyConfigured with one line per problem, if there are any."""
        if self.problems:
            lines = ["The service cannot start with these settings:"]
            lines += [f"  {problem}" for problem in self.problems]
            if not self.text("SECRET_KEY") and not self.text("DATABASE_URL"):
                lines.append("For development on this machine, set DEBUG=on or use `make`.")
            raise ImproperlyConfigured("\n".join(lines))
