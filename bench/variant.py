"""todo_api.asgi with other limits, for bench.settings. Environment: BENCH_THREADS, BENCH_NEAR (in
seconds: 0 lets requests run side by side whatever the database), BENCH_SWITCH (the interpreter's
switch interval, in seconds).
"""

import os
import sys

from todo_api.wsgi import application as django  # noqa: F401  (sets Django up)

# isort: split
from todo_api.server import threads

threads.THREADS = int(os.environ.get("BENCH_THREADS") or threads.THREADS)
threads.NEAR = float(os.environ.get("BENCH_NEAR") or threads.NEAR)
sys.setswitchinterval(float(os.environ.get("BENCH_SWITCH") or sys.getswitchinterval()))

# isort: split
from todo_api.asgi import application  # noqa: F401, E402
