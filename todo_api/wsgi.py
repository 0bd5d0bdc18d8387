"""What a WSGI server calls: Django's handler, which takes requests with any Content-Type."""

import os
from typing import Any

import django
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "todo_api.settings")


class TolerantRequest(WSGIRequest):
    def __init__(self, environ: dict[str, Any]) -> None:
        """Django decodes an extended parameter (`c*=utf-8''%41`) as the caller says, and fails
        where that cannot be done: before any middleware is there to answer.
        """
        try:
            super().__init__(environ)
        except (LookupError, ValueError):
            environ["CONTENT_TYPE"] = ""  # DRF would read it again; a body without it is a 415
            super().__init__(environ)


class Handler(WSGIHandler):
    request_class = TolerantRequest


django.setup(set_prefix=False)
application = Handler()
