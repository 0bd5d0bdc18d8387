"""The key set: fetch, cache, refresh, outage. Knows HTTP and JWK, not tokens.

Known keys are read from an immutable snapshot without a lock; every fetch happens in a thread of
its own, so that only callers with an unknown key id ever wait, and they not for long.
"""

import logging
import os
import random
import threading
import time
import weakref
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from accounts.fetch import TIMEOUT_SECONDS, FetchError, fetch
from accounts.jwk import BadKey, Key, read_set
from todo_api.request import metrics

logger = logging.getLogger(__name__)

REFRESH_SECONDS = 300
# After a failure, and while no key is known: then callers are told to come back after 2 s, and the
# first key of a new Better Auth server is only a sign-up away.
BACKOFF_SECONDS = (1, 2, 4, 8, 16, 30)
BACKOFF_WITHOUT_KEYS_SECONDS = 2
# A caller that finds a fetch under way waits until that fetch is this old, so that a stalling key
# server holds one thread and not all of them. Before any key is known there is nothing to protect.
JOIN_SECONDS = 1.0
# Fetches on behalf of unknown key ids: a burst, then one each so many seconds.
BURST = 5
REFILL_SECONDS = 10
REFUSED_SECONDS = 10
REFUSED_IDS = 1_000


class KeysUnavailable(Exception):
    """No key was ever seen (or the last ones are too old) and the key server does not answer."""

    retry_seconds = 2


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One good answer. `fetched_at` is monotonic seconds; static keys have none and do not age."""

    keys: Mapping[str, Key]
    fetched_at: float | None = None


class Fetch:
    """A fetch under way: when it started, and its end."""

    def __init__(self) -> None:
        self.started_at = time.monotonic()
        self.done = threading.Event()


class KeySet:
    """The keys published at `url`.

    A failed refresh keeps the last good answer for `max_stale_seconds`; a good answer that no
    longer lists a key withdraws it. Safe in threads and after a fork.
    """

    def __init__(self, url: str, static: str = "", max_stale_seconds: float = 86_400) -> None:
        self.url = url
        self.max_stale_seconds = max_stale_seconds
        self._failures = 0
        self._state = self._complaint = ""
        keys, refused = read_set(static) if static else ({}, [])
        self._snapshot = Snapshot(keys)
        self._complain(refused)
        self._refresh_at = time.monotonic()
        self._forget_threads()
        forget = weakref.WeakMethod(self._forget_threads)
        os.register_at_fork(after_in_child=lambda: (method := forget()) and method())

    def _forget_threads(self) -> None:
        """A forked child has none of its parent's threads, but would inherit their held lock."""
        self._lock = threading.Lock()
        self._fetch: Fetch | None = None
        self._refused: dict[str, float] = {}
        self._allowance, self._allowed_at = float(BURST), time.monotonic()

    @property
    def age_seconds(self) -> float | None:
        """Seconds since the last good answer; None before the first."""
        fetched_at = self._snapshot.fetched_at
        return None if fetched_at is None else time.monotonic() - fetched_at

    def known(self) -> Mapping[str, Key]:
        """The keys that verify now, from memory."""
        stale = (self.age_seconds or 0) > self.max_stale_seconds
        return {} if stale else self._snapshot.keys

    def find(self, kid: str) -> Key | None:
        """The key of this id; None when the key server does not list it.

        Raises KeysUnavailable. Waits only for unknown ids: 3 s at most.
        """
        key = self.known().get(kid)
        if key is None:
            key = self._find_unknown(kid)
        elif not self._fetch and time.monotonic() >= self._refresh_at:
            self._begin()
        if key is None and not self.known():
            raise KeysUnavailable
        return key

    def refresh(self) -> bool:
        """Fetches now, unless backing off, and waits. Returns whether keys are known then."""
        if fetch := self._begin():
            fetch.done.wait(TIMEOUT_SECONDS)
        return bool(self.known())

    def _find_unknown(self, kid: str) -> Key | None:
        asked_at = time.monotonic()
        if self._refused.get(kid, 0) > asked_at:
            return None
        # Twice: a fetch that was under way may have left before the key existed.
        for _ in range(2):
            if (fetch := self._begin(kid)) is None:
                return self.known().get(kid)
            ours = fetch.started_at >= asked_at
            patience = TIMEOUT_SECONDS if ours or not self.known() else JOIN_SECONDS
            left = fetch.started_at + patience - time.monotonic()
            finished = fetch.done.wait(max(0, left))
            if key := self.known().get(kid):
                return key
            if ours or not finished:
                break
        if ours and finished and not self._failures:
            self._refuse(kid)
        return None

    def _begin(self, kid: str = "") -> Fetch | None:
        """The fetch under way, or a new one: scheduled, or on behalf of an unknown `kid`.

        None while backing off or out of allowance, and when `kid` has become known meanwhile.
        """
        with self._lock:
            now = time.monotonic()
            if self._fetch:
                # While the server fails, one caller tries and nobody else waits for it.
                return None if self._failures else self._fetch
            if self._failures and now < self._refresh_at:
                return None
            known = self.known()
            # Before any key is known, backing off is limit enough.
            if kid and known and (kid in known or not self._take_allowance(now)):
                return None
            fetch = Fetch()
            try:
                threading.Thread(target=self._run, args=(fetch,), daemon=True).start()
            except RuntimeError:  # no thread to be had: known keys must go on
                self._failed("no thread")
                return None
            self._fetch = fetch
            return fetch

    def _take_allowance(self, now: float) -> bool:
        earned = (now - self._allowed_at) / REFILL_SECONDS
        self._allowance, self._allowed_at = min(BURST, self._allowance + earned), now
        if self._allowance < 1:
            return False
        self._allowance -= 1
        return True

    def _run(self, under_way: Fetch) -> None:
        try:
            keys, refused = read_set(fetch(self.url))
        except (FetchError, BadKey) as exc:
            self._failed(str(exc))
        except Exception:
            # A bug of ours must not leave a fetch that never ends.
            logger.exception("Key set refresh failed")
            self._failed("internal error")
        else:
            self._succeeded(keys)
            self._complain(refused)
        finally:
            with self._lock:
                self._fetch = None
            under_way.done.set()

    def _succeeded(self, keys: dict[str, Key]) -> None:
        before = self._snapshot.keys
        # A key that did not change stays the same object: what it verified is remembered by it.
        same = {kid: old for kid, old in before.items() if kid in keys and keys[kid].jwk == old.jwk}
        self._snapshot = Snapshot({**keys, **same}, time.monotonic())
        self._failures = 0
        self._refresh_at = time.monotonic() + _jittered(REFRESH_SECONDS)
        metrics.KEY_SET_REFRESHES.labels("ok").inc()
        metrics.KEY_SET_FETCHED.labels("jwks").set_to_current_time()
        self._turned(logging.INFO, "in reach", f"{len(keys)} keys")

    def _failed(self, reason: str) -> None:
        metrics.KEY_SET_REFRESHES.labels("failed").inc()
        known = len(self.known())
        delay = BACKOFF_SECONDS[min(self._failures, len(BACKOFF_SECONDS) - 1)]
        self._failures += 1
        self._refresh_at = time.monotonic() + _jittered(
            delay if known else min(delay, BACKOFF_WITHOUT_KEYS_SECONDS)
        )
        if known:
            self._turned(logging.WARNING, "out of reach, known keys stay in use", reason)
        else:
            self._turned(logging.ERROR, "out of reach and no key is known", reason)

    def _turned(self, level: int, state: str, reason: str) -> None:
        """One line for each change of state, however many requests and attempts it lasts."""
        if state != self._state:
            parts = urlsplit(self.url)  # whoever put a password or a key into it
            url = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
            logger.log(level, "Key set %s (%s): BETTER_AUTH_JWKS_URL=%s", state, reason, url)
        self._state = state

    def _complain(self, refused: list[str]) -> None:
        complaint = "; ".join(refused)
        if complaint and complaint != self._complaint:
            logger.warning("Key set has keys that are refused: %s", complaint)
        self._complaint = complaint

    def _refuse(self, kid: str) -> None:
        now = time.monotonic()
        with self._lock:
            if len(self._refused) >= REFUSED_IDS:
                self._refused = {kid: until for kid, until in self._refused.items() if until > now}
            if len(self._refused) < REFUSED_IDS:
                self._refused[kid] = now + REFUSED_SECONDS


def _jittered(seconds: float) -> float:
    """Spreads the processes of a fleet, so that they do not ask at the same moment."""
    return seconds * random.uniform(0.8, 1.2)  # noqa: S311  (no secret hangs on it)
