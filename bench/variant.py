"""todo_api.asgi with other limits, for bench.settings. Environment: BENCH_THREADS, BENCH_NEAR (the
greatest wait of a near database in seconds; with 0 all threads run at once), BENCH_SWITCH (the
interpreter's switch interval in seconds).
"""

import os
import sys

from todo_api.wsgi import application as django  # noqa: F401  (sets Django up)

# isort: split
from todo_api.server import threads

threads.THREADS = int(os.environ.get("BENCH_THREADS") or threads.THREADS)
threads.NEAR_SECONDS = float(os.environ.get("BENCH_NEAR") or threads.NEAR_SECONDS)
sys.setswitchinterval(float(os.environ.get("BENCH_SWITCH") or sys.getswitchinterval()))

# isort: split
from todo_api.asgi import application  # noqa: F401, E402
