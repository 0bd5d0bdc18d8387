"""gunicorn settings for `todo_api.asgi`. Command-line flags take precedence."""

import logging.config
import os
import sys

from django.core.exceptions import ImproperlyConfigured
from dotenv import dotenv_values

# A reload runs this file again. Import the new code, not the cached modules.
PACKAGES = {"accounts", "operations", "tasks", "todo_api"}
for loaded in [name for name in sys.modules if name.partition(".")[0] in PACKAGES]:
    del sys.modules[loaded]

from todo_api.env import Environment
from todo_api.server.address import listening_addresses
from todo_api.server.hooks import (  # noqa: F401  (gunicorn calls them)
    child_exit,
    on_exit,
    on_starting,
    post_fork,
    post_worker_init,
    when_ready,
)

env = Environment(before := dict(os.environ))
bind = listening_addresses(env.number("PORT", 8000, 0, 65_535))
workers = env.number("WEB_CONCURRENCY", 2, 1, 1_000)
try:
    env.raise_if_invalid()
    from todo_api.settings import BASE_DIR, LOGGING
except ImproperlyConfigured as exc:
    sys.exit(str(exc))  # once, instead of a trace from each worker
# A reload reads `.env` again. What is in the environment would take precedence.
for name in dotenv_values(BASE_DIR / ".env").keys() - before.keys():
    os.environ.pop(name, None)

worker_class = "asgi"
asgi_lifespan = "off"
# Seconds after which a worker with a blocked event loop is replaced.
timeout = 30
# Seconds that a stop waits for requests and idle connections. Docker kills after 10 s.
graceful_timeout = 8
# Longer than the 60 s for which load balancers keep an idle connection, so that they close it.
keepalive = 75
# Django reads the headers of proxies (TRUSTED_PROXY_COUNT).
forwarded_allow_ips = ""
# Its socket is shared by all services of a user. Signals suffice.
control_socket_disable = True
# Room for a long search term in the URL, and for a token of 8 kB.
limit_request_line, limit_request_field_size = 8_190, 16_384
# Django's settings configure the log, not gunicorn.
errorlog = os.devnull
logging.config.dictConfig(LOGGING)
