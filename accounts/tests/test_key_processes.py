"""The key set in forked processes, and in threads during a key rotation."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from accounts.tests.key_server import KeyServer, SigningKey
from accounts.tests.test_keys import in_threads
from accounts.tests.token_helpers import outcome, verifier_of

ROOT = Path(__file__).resolve().parents[2]

# The parent forks in one of these states, and the child verifies.
FORK = """
import os, sys, threading, time
from accounts.keys import KeySet
url, moment = sys.argv[1:]
key_set = KeySet(url)
if moment == "holding the lock":
    key_set.find("first")
    key_set._lock.acquire()
elif moment == "fetching for the first time":
    threading.Thread(target=key_set.refresh, daemon=True).start()
    while not key_set._fetch:
        time.sleep(0.01)
elif moment == "refreshing":
    key_set.find("first")
    key_set._refresh_at = 0
    key_set.find("first")
    assert key_set._fetch
child = os.fork()
if child == 0:
    key = key_set.find("first")
    unknown = key_set.find("unknown")
    os._exit(0 if key and unknown is None else 1)
_, status = os.waitpid(child, 0)
sys.exit(os.waitstatus_to_exitcode(status))
"""


@pytest.mark.parametrize(
    "moment", ["at rest", "holding the lock", "fetching for the first time", "refreshing"]
)
def test_a_forked_child_verifies_in_every_state_of_its_parent(
    key_server: KeyServer, moment: str
) -> None:
    key_server.delay = 0.5

    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", FORK, key_server.url, moment],
        cwd=ROOT, timeout=30, capture_output=True, text=True,
    )  # fmt: skip

    assert (done.returncode, done.stderr) == (0, "")


THREADLESS = """
import sys, threading
from accounts.keys import KeySet
key_set = KeySet("http://127.0.0.1:9", static=sys.argv[1])
threading.stack_size(1 << 46)  # too large: no thread can start
try:
    threading.Thread(target=print).start()
except RuntimeError:
    sys.exit(0 if key_set.find("first") and key_set.find("unknown") is None else 1)
sys.exit(2)
"""


def test_known_keys_are_used_when_no_thread_can_start(key_server: KeyServer) -> None:
    done = subprocess.run(
        [sys.executable, "-c", THREADLESS, key_server.document()],
        cwd=ROOT, timeout=30, capture_output=True, text=True,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr


def test_many_threads_verify_while_keys_rotate(key_server: KeyServer) -> None:
    verifier = verifier_of(key_server)
    key_set = verifier.key_set
    assert key_set
    stopped = threading.Event()
    outcome(verifier, key_server.token())
    stays = key_server.keys[0]

    def work(number: int) -> set[str]:
        if number == 0:
            for turn in range(30):
                key_server.keys = [stays, SigningKey(f"key-{turn}")]
                key_set.refresh()
            stopped.set()
        outcomes = set()
        while not stopped.is_set():
            kept, rotating = key_server.keys[0], key_server.keys[1:]
            outcomes.add(outcome(verifier, key_server.token(key=kept)))
            if rotating:
                key_set.find(rotating[0].kid)
        return outcomes

    outcomes = in_threads(12, work)

    assert set().union(*(found for found in outcomes if isinstance(found, set))) == {"accepted"}
