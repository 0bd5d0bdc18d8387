"""The key set of a Better Auth server: fetching, caching, refreshing, and outages.

Known keys are read from an immutable snapshot without a lock. Each fetch runs in its own thread, so
that only requests with an unknown key id wait, and only for a limited time.
"""

import logging
import os
import random
import threading
import time
import weakref
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from accounts.fetch import TIMEOUT_SECONDS, FetchError, fetch
from accounts.jwk import BadKey, Key, read_set
from todo_api.request import metrics

logger = logging.getLogger(__name__)

REFRESH_SECONDS = 300
# After a failure. While no key is known, clients get Retry-After: 2, and a new Better Auth server
# creates its first key with the first sign-up; so the pause is shorter then.
BACKOFF_SECONDS = (1, 2, 4, 8, 16, 30)
BACKOFF_WITHOUT_KEYS_SECONDS = 2
# A request that finds a running fetch waits until that fetch is this old, so that a stalled key
# server blocks one request thread and not all of them. While no key is known, no request can be
# served, so it waits for TIMEOUT_SECONDS.
JOIN_SECONDS = 1.0
# The token bucket for fetches because of unknown key ids: its size, and seconds for one more fetch.
BURST = 5
REFILL_SECONDS = 10
UNKNOWN_ID_SECONDS = 10
MAX_UNKNOWN_IDS = 1_000


class KeysUnavailable(Exception):
    """The key server is unreachable, and there are no cached keys or only expired ones."""

    retry_seconds = 2


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The keys of one valid response.

    `fetched_at` is monotonic seconds. Static keys have none, and do not expire.
    """

    keys: Mapping[str, Key]
    fetched_at: float | None = None


class Fetch:
    """A running fetch: its start time, and an event for its end."""

    def __init__(self) -> None:
        self.started_at = time.monotonic()
        self.done = threading.Event()


class KeySet:
    """The keys published at `url`. `source` names them in log lines and metrics: their issuer.

    After failed refreshes the last keys stay valid for `max_stale_seconds`. A key is withdrawn by a
    valid response that does not list it. Safe for threads and after a fork.
    """

    def __init__(
        self, url: str, static: str = "", max_stale_seconds: float = 86_400, source: str = ""
    ) -> None:
        self.url, self.source = url, source
        self.max_stale_seconds = max_stale_seconds
        self._failures = 0
        self._state = self._refused_keys = ""
        keys, refused = read_set(static) if static else ({}, [])
        self._snapshot = Snapshot(keys)
        self._log_refused(refused)
        self._refresh_at = time.monotonic()
        self._reset_after_fork()
        reset = weakref.WeakMethod(self._reset_after_fork)
        os.register_at_fork(after_in_child=lambda: (method := reset()) and method())

    def _reset_after_fork(self) -> None:
        """Resets the lock and the running fetch: a forked child has no threads of its parent."""
        self._lock = threading.Lock()
        self._fetch: Fetch | None = None
        self._unknown_ids: dict[str, float] = {}
        self._bucket, self._bucket_at = float(BURST), time.monotonic()

    @property
    def age_seconds(self) -> float | None:
        """Returns the seconds since the last valid response; None before the first."""
        fetched_at = self._snapshot.fetched_at
        return None if fetched_at is None else time.monotonic() - fetched_at

    def known(self) -> Mapping[str, Key]:
        """Returns the keys that are valid now. Does not fetch."""
        stale = (self.age_seconds or 0) > self.max_stale_seconds
        return {} if stale else self._snapshot.keys

    def find(self, kid: str) -> Key | None:
        """Returns the key with this id; None if the key server does not list it.

        Raises KeysUnavailable. Waits only for unknown ids, up to 3 s.
        """
        key = self.known().get(kid)
        if key is None:
            key = self._find_unknown(kid)
        elif not self._fetch and time.monotonic() >= self._refresh_at:
            self._start_fetch()
        if key is None and not self.known():
            raise KeysUnavailable
        return key

    def refresh(self) -> bool:
        """Fetches now, except during a back-off, and waits. Returns whether keys are known then."""
        if fetch := self._start_fetch():
            fetch.done.wait(TIMEOUT_SECONDS)
        return bool(self.known())

    def _find_unknown(self, kid: str) -> Key | None:
        started_at = time.monotonic()
        if self._unknown_ids.get(kid, 0) > started_at:
            return None
        # Twice: a fetch that was already running may have begun before the key existed.
        for _ in range(2):
            if (fetch := self._start_fetch(kid)) is None:
                return self.known().get(kid)
            own = fetch.started_at >= started_at
            max_wait = TIMEOUT_SECONDS if own or not self.known() else JOIN_SECONDS
            left = fetch.started_at + max_wait - time.monotonic()
            finished = fetch.done.wait(max(0, left))
            if key := self.known().get(kid):
                return key
            if own or not finished:
                break
        if own and finished and not self._failures:
            self._cache_unknown_id(kid)
        return None

    def _start_fetch(self, kid: str = "") -> Fetch | None:
        """Returns the running fetch, or starts one: a scheduled one, or one for an unknown `kid`.

        Returns None during a back-off, with an empty token bucket, and if `kid` is known by now.
        """
        with self._lock:
            now = time.monotonic()
            if self._fetch:
                # While the server fails, one request waits for the fetch and no other one does.
                return None if self._failures else self._fetch
            if self._failures and now < self._refresh_at:
                return None
            known = self.known()
            # While no key is known, the back-off alone limits the fetches.
            if kid and known and (kid in known or not self._take_from_bucket(now)):
                return None
            fetch = Fetch()
            try:
                threading.Thread(target=self._run, args=(fetch,), daemon=True).start()
            except RuntimeError:  # no thread can start; known keys must stay usable
                self._failed("no thread")
                return None
            self._fetch = fetch
            return fetch

    def _take_from_bucket(self, now: float) -> bool:
        earned = (now - self._bucket_at) / REFILL_SECONDS
        self._bucket, self._bucket_at = min(BURST, self._bucket + earned), now
        if self._bucket < 1:
            return False
        self._bucket -= 1
        return True

    def _run(self, running: Fetch) -> None:
        try:
            keys, refused = read_set(fetch(self.url))
        except (FetchError, BadKey) as exc:
            self._failed(str(exc))
        except Exception:
            # An unexpected error must not leave a fetch that never ends.
            logger.exception("Key set refresh failed")
            self._failed("internal error")
        else:
            self._succeeded(keys)
            self._log_refused(refused)
        finally:
            with self._lock:
                self._fetch = None
            running.done.set()

    def _succeeded(self, keys: dict[str, Key]) -> None:
        before = self._snapshot.keys
        # An unchanged key stays the same object: it is part of the key of the token cache.
        same = {kid: old for kid, old in before.items() if kid in keys and keys[kid].jwk == old.jwk}
        self._snapshot = Snapshot({**keys, **same}, time.monotonic())
        self._failures = 0
        self._refresh_at = time.monotonic() + _jittered(REFRESH_SECONDS)
        metrics.KEY_SET_REFRESHES.labels(self.source, "ok").inc()
        metrics.KEY_SET_FETCHED.labels(self.source).set_to_current_time()
        self._log_state(logging.INFO, "in reach", f"{len(keys)} keys")

    def _failed(self, reason: str) -> None:
        metrics.KEY_SET_REFRESHES.labels(self.source, "failed").inc()
        known = len(self.known())
        delay = BACKOFF_SECONDS[min(self._failures, len(BACKOFF_SECONDS) - 1)]
        self._failures += 1
        self._refresh_at = time.monotonic() + _jittered(
            delay if known else min(delay, BACKOFF_WITHOUT_KEYS_SECONDS)
        )
        if known:
            self._log_state(logging.WARNING, "out of reach, known keys stay in use", reason)
        else:
            self._log_state(logging.ERROR, "out of reach and no key is known", reason)

    def _log_state(self, level: int, state: str, reason: str) -> None:
        """Logs each change of state once, not each failed attempt."""
        if state != self._state:
            parts = urlsplit(self.url)  # without user, password and query: they may be secret
            url = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"
            text = "Key set %s (%s): issuer %s, address %s"
            logger.log(level, text, state, reason, self.source, url)
        self._state = state

    def _log_refused(self, refused: list[str]) -> None:
        text = "; ".join(refused)
        if text and text != self._refused_keys:
            logger.warning("Key set of %s has keys that are refused: %s", self.source, text)
        self._refused_keys = text

    def _cache_unknown_id(self, kid: str) -> None:
        now = time.monotonic()
        with self._lock:
            if len(self._unknown_ids) >= MAX_UNKNOWN_IDS:
                self._unknown_ids = {
                    kid: until for kid, until in self._unknown_ids.items() if until > now
                }
            if len(self._unknown_ids) < MAX_UNKNOWN_IDS:
                self._unknown_ids[kid] = now + UNKNOWN_ID_SECONDS


def fetch_first_keys(key_sets: Sequence[KeySet], *, wait: bool) -> bool:
    """Starts a fetch of each key set without keys. If all are without, `wait` waits for them, 3 s
    at most. Returns whether any has keys then.
    """
    deadline = time.monotonic() + TIMEOUT_SECONDS
    fetches = [key_set._start_fetch() for key_set in key_sets if not key_set.known()]
    if wait and len(fetches) == len(key_sets):
        for fetch in filter(None, fetches):
            fetch.done.wait(max(0, deadline - time.monotonic()))
    return any(key_set.known() for key_set in key_sets)


def _jittered(seconds: float) -> float:
    """Returns the seconds with random jitter, so that processes do not fetch at the same time."""
    return seconds * random.uniform(0.8, 1.2)  # noqa: S311  (not for cryptography)
