"""gunicorn's settings for `todo_api.asgi`. Command-line flags take precedence."""

import logging.config
import os
import sys

# A reload reads this file again, and what it imports must be the new code, too.
for loaded in [name for name in sys.modules if name.partition(".")[0] == "todo_api"]:
    del sys.modules[loaded]

from todo_api.env import Environment  # noqa: E402
from todo_api.request import logs  # noqa: E402
from todo_api.server.hooks import (  # noqa: E402, F401
    child_exit,
    on_exit,
    on_starting,
    post_fork,
    post_worker_init,
    when_ready,
)

worker_class = "asgi"
asgi_lifespan = "off"
bind = f"0.0.0.0:{os.environ.get('PORT') or 8000}"
workers = int(os.environ.get("WEB_CONCURRENCY") or 2)
# A worker whose event loop hangs is replaced after it.
timeout = 30
# Docker kills after 10 s. A stop waits so long for requests, and for idle connections.
graceful_timeout = 8
# Longer than load balancers keep an idle connection (60 s), so that they close first.
keepalive = 75
# Which proxy may speak for a client is Django's to decide (TRUSTED_PROXY_COUNT).
forwarded_allow_ips = ""
# Signals are enough; its socket is one for all services of a user, in their home folder.
control_socket_disable = True
# A long search in any script; a token of 8 kB, and as much again.
limit_request_line, limit_request_field_size = 8_190, 16_384
# Log lines have the service's form, and go where it says.
errorlog = os.devnull
logging.config.dictConfig(
    logs.configuration(debug=Environment(os.environ).flag("DEBUG", default=False))
)
