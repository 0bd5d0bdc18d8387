"""How gunicorn serves `todo_api.wsgi`. Command-line flags win over this file."""

import os

# An empty variable counts as none.
bind = f"0.0.0.0:{os.environ.get('PORT') or 8000}"
workers = int(os.environ.get("WEB_CONCURRENCY") or 2)
worker_class = "gthread"
threads = 8
# Longer than the 10 s that any request may take; a silent worker is replaced after it.
timeout = 30
graceful_timeout = 20
# Above the 60 s idle time of common load balancers, so that they close first.
keepalive = 75
# Which proxy may speak for a caller is Django's to decide (TRUSTED_PROXY_COUNT).
forwarded_allow_ips = ""
# No socket for remote control in the home folder: signals do.
control_socket_disable = True
# Larger headers than a token of 8 kB needs are refused.
limit_request_field_size = 16_384
