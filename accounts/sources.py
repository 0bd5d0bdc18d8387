"""The sources of asymmetric tokens: their issuers, and where their keys are.

One source is that of BETTER_AUTH_URL and its variables; AUTH_SOURCES lists further ones.
settings.py imports this module, so nothing here reads a setting while it is imported.
"""

import json
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from todo_api import addresses
from todo_api.addresses import EXPECTED_URL, AddressError

NAME = "AUTH_SOURCES"
MEMBERS = ("issuer", "jwks", "audience")
MAX_SOURCES = 16
EXPECTED = 'expected a list of objects such as [{"issuer": "https://app.my-domain.com"}]'
# Variables of the source of BETTER_AUTH_URL.
VARIABLES = {
    "issuer": "BETTER_AUTH_URL",
    "jwks": "BETTER_AUTH_JWKS_URL",
    "audience": "BETTER_AUTH_AUDIENCE",
}

# Takes the name of the variable, the expected value and the actual one (Environment.add_problem).
AddProblem = Callable[[str, str, str], object]


@dataclass(frozen=True, slots=True)
class Source:
    """An issuer: the exact `iss` of its tokens, the address of its key set, and the audiences of
    which a token must have one. `entry` is its name in AUTH_SOURCES; "" for BETTER_AUTH_URL.
    """

    issuer: str
    jwks: str
    audiences: tuple[str, ...]
    entry: str = ""

    def variable(self, member: str) -> str:
        """Returns what an operator has to change for another value of `member`."""
        return f"{member} of {self.entry}" if self.entry else VARIABLES[member]


def configured() -> list[Source]:
    """Returns the sources whose tokens are accepted, that of BETTER_AUTH_URL first."""
    if "jwks" not in settings.BETTER_AUTH_TOKENS:
        return []
    audience = settings.BETTER_AUTH_AUDIENCE
    short = Source(
        settings.BETTER_AUTH_ISSUER,
        settings.BETTER_AUTH_JWKS_URL,
        (audience,) if audience else (),
    )
    return [*([short] if settings.BETTER_AUTH_URL else []), *settings.AUTH_SOURCES]


def sign_in_addresses() -> str:
    """Returns the addresses of the apps that issue tokens, as one text."""
    issuers = [source.issuer for source in settings.AUTH_SOURCES]
    return ", ".join(filter(None, [settings.BETTER_AUTH_URL, *issuers]))


def issuers_by_address(sources: Iterable[Source]) -> dict[str, str]:
    """Returns the addresses of the key sets, each with the issuers that share it, as one text."""
    issuers: dict[str, str] = {}
    for source in sources:
        others = issuers.get(source.jwks)
        issuers[source.jwks] = f"{others}, {source.issuer}" if others else source.issuer
    return issuers


def read_sources(
    text: str, *, add_problem: AddProblem, plain_http: Collection[str] = (), taken: str = ""
) -> list[Source]:
    """Returns the sources of AUTH_SOURCES, JSON text. `taken` is the issuer of BETTER_AUTH_URL.
    Calls `add_problem` for each error.
    """
    if not text:
        return []
    try:
        entries = json.loads(text, object_pairs_hook=_unique)
    except (ValueError, RecursionError):
        entries = None
    if not isinstance(entries, list) or not entries:
        add_problem(NAME, EXPECTED, "")
        return []
    if len(entries) > MAX_SOURCES:
        add_problem(NAME, f"expected at most {MAX_SOURCES} entries", str(len(entries)))
        return []
    sources = []
    places = {taken: VARIABLES["issuer"]} if taken else {}
    for index, entry in enumerate(entries):
        source = _EntryReader(f"{NAME}[{index}]", plain_http, add_problem).read(entry)
        if source is None:
            continue
        if first := places.get(source.issuer):
            expected = f"is also that of {first}; list its audiences in one entry"
            add_problem(f"{source.entry}.issuer", expected, source.issuer)
        places.setdefault(source.issuer, source.entry)
        sources.append(source)
    return sources


class _EntryReader:
    """Reads the entry `name` of AUTH_SOURCES."""

    def __init__(self, name: str, plain_http: Collection[str], add_problem: AddProblem) -> None:
        self.name, self.plain_http, self.add_problem = name, plain_http, add_problem

    def read(self, entry: Any) -> Source | None:
        """Returns the source; None without a usable issuer."""
        if not isinstance(entry, dict):
            self.add_problem(self.name, f"expected an object with {', '.join(MEMBERS)}", "")
            return None
        if unknown := [name for name in entry if name not in MEMBERS]:
            expected = f"expected no members but {', '.join(MEMBERS)}"
            self.add_problem(self.name, expected, ", ".join(unknown))
        issuer = entry.get("issuer", "")
        url = self._url("issuer", issuer)
        jwks = self._url("jwks", entry["jwks"], whole=True) if "jwks" in entry else ""
        audiences = self._audiences(entry["audience"]) if "audience" in entry else ()
        if not url:
            return None
        origin = addresses.origin_of(url)
        # The tokens of Neon Auth name its origin. Its address has the path to the keys.
        return Source(
            origin if addresses.is_neon_auth(url) else issuer,
            jwks or addresses.key_set_url(url.removesuffix("/api/auth")),
            audiences or (origin,),
            self.name,
        )

    def _url(self, member: str, value: Any, *, whole: bool = False) -> str:
        text = value if isinstance(value, str) else ""
        try:
            if not text:
                raise AddressError(EXPECTED_URL)
            return addresses.http_url(text, whole=whole, plain_http=self.plain_http)
        except AddressError as exc:
            self.add_problem(f"{self.name}.{member}", str(exc), text)
            return ""

    def _audiences(self, value: Any) -> tuple[str, ...]:
        values = value if isinstance(value, list) else [value]
        if not values or not all(isinstance(each, str) and each.strip() for each in values):
            self.add_problem(f"{self.name}.audience", "expected a text or a list of texts", "")
            return ()
        return tuple(values)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("duplicate member")
    return members
