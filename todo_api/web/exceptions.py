"""Exceptions of the API, besides those of DRF. todo_api.errors converts them to responses."""

from typing import Any

from django.conf import settings
from rest_framework.exceptions import APIException


class BadRequest(APIException):
    """A request that is malformed before its fields are validated."""

    status_code = 400
    default_code = "bad_request"
    default_detail = "The request could not be understood"

    def __init__(self, detail: str | None = None, **headers: str) -> None:
        super().__init__(detail)
        self.headers = headers


class Conflict(APIException):
    """A valid request that conflicts with stored data."""

    status_code = 409
    default_code = "conflict"
    default_detail = "This conflicts with what is already there"


class QuotaExceeded(Conflict):
    """The user has as many rows as the service keeps for one user."""

    default_code = "quota_exceeded"


class BatchFailed(Conflict):
    """The operation at `index` of a batch failed with `cause`, and all were undone."""

    default_code = "batch_failed"

    def __init__(self, index: int, cause: APIException) -> None:
        super().__init__()
        self.index, self.cause = index, cause


class Unavailable(APIException):
    """The server or a dependency (database, key server) is unavailable. Clients may retry."""

    status_code = 503
    default_code = "unavailable"
    default_detail = "The service is temporarily unavailable, please try again"
    wait = 2  # seconds


class BodyTooLarge(APIException):
    status_code = 413
    default_code = "body_too_large"
    default_detail = f"The body exceeds {settings.MAX_BODY_BYTES} bytes"


class RequestTimeout(APIException):
    status_code = 408
    default_code = "request_timeout"
    default_detail = "The body did not arrive in time"


class PreconditionFailed(APIException):
    """A condition of If-Match or If-None-Match fails. `current` is the current representation."""

    status_code = 412
    default_code = "precondition_failed"
    default_detail = "It was changed in the meantime"

    def __init__(self, current: Any, etag: str) -> None:
        super().__init__()
        self.current, self.etag = current, etag


class AlreadyExists(APIException):
    """The id of a new task exists: for this user, or for another one."""

    status_code = 412
    default_code = "precondition_failed"
    default_detail = "This id exists already"
