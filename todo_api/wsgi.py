"""The WSGI application: Django's handler, for requests with any Content-Type."""

import os
from typing import Any

import django
from django.core.exceptions import BadRequest
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "todo_api.settings")


class TolerantRequest(WSGIRequest):
    def __init__(self, environ: dict[str, Any]) -> None:
        """Ignores a Content-Type that Django cannot decode, such as an extended parameter
        (`c*=utf-8''%41`) with an unknown charset. Django would raise before any middleware runs.
        """
        try:
            super().__init__(environ)
        except (LookupError, ValueError, BadRequest):  # the last since Django 6.1
            environ["CONTENT_TYPE"] = ""  # DRF reads it again; a body without it gets a 415
            super().__init__(environ)


class Handler(WSGIHandler):
    request_class = TolerantRequest


django.setup(set_prefix=False)
application = Handler()
