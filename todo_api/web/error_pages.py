"""Errors of the admin are pages. They need no user and no database: either may be the cause."""

from http import HTTPStatus

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from todo_api.request.context import current_request

# Instead of the texts of the API. Other errors say what is wrong.
SENTENCES = {
    403: "You do not have the permission for this. Ask a superuser for it.",
    404: "There is nothing at this address. It may have been deleted.",
    500: "Something went wrong on our side. The log has the cause, with the request id below.",
}
EXPIRED_FORM = "The form has expired. Go back, reload the page and send the form again."


def is_admin(request: HttpRequest) -> bool:
    return f"{request.path_info}/".startswith(f"/{settings.ADMIN_PATH}/")


def error_page(status: int, sentence: str, headers: dict[str, str] | None = None) -> HttpResponse:
    context = {
        "title": HTTPStatus(status).phrase,
        "site_header": admin.site.site_header,
        "site_title": admin.site.site_title,
        "sentence": sentence,
        "request_id": current_request().id,
    }
    # Without the request: its context processors read the user and the messages.
    page = render_to_string("admin/error.html", context)
    return HttpResponse(page, status=status, headers=headers)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """CSRF_FAILURE_VIEW. Only pages of the admin have forms."""
    current_request().refusal = "csrf"
    return error_page(403, EXPIRED_FORM)
