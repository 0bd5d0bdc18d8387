"""The settings of a service with bugs: views of its own that fail with all they know."""

from todo_api.settings import *  # noqa: F403

ROOT_URLCONF = "operations.tests.buggy_urls"
