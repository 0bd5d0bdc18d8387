"""Settings of a service with faulty views, whose exceptions contain the request's data."""

from todo_api.settings import *  # noqa: F403  (settings with one change)

ROOT_URLCONF = "operations.tests.buggy_urls"
