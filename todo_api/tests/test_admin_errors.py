"""Errors of the admin are pages of it; those of the API stay JSON."""

from typing import Any

import pytest
from django.test import Client, RequestFactory

from accounts.models import User
from conftest import operator_with
from todo_api import errors
from todo_api.request.context import RequestContext, active


@pytest.mark.parametrize(
    ("address", "status", "sentence"),
    [
        ("/admin/accounts/user/", 403, "You do not have the permission for this."),
        ("/admin/nonsense/", 404, "There is nothing at this address."),
        ("/admin/tasks/task/nonsense/read/", 403, "You do not have the permission for this."),
        ("/admin/tasks/task/?title=x", 400, "The request could not be understood"),
        ("/admin/tasks/task/?q=%00", 400, "Null characters are not allowed"),
    ],
)
def test_an_error_of_the_admin_is_a_page(
    db: None, address: str, status: int, sentence: str
) -> None:
    response: Any = operator_with("view_task").get(address, headers={"X-Request-ID": "id-1"})

    page = response.content.decode()
    assert (response.status_code, response.headers["Content-Type"][:9]) == (status, "text/html")
    assert sentence in page
    assert "Request id: id-1" in page
    assert '<a href="/admin/">Dashboard</a>' in page
    assert "todo_api/admin.css" in page


def test_an_expired_form_is_a_page(superuser: User) -> None:
    client = Client(enforce_csrf_checks=True)

    page: Any = client.post("/admin/login/", {"username": superuser.email})

    assert page.status_code == 403
    assert "The form has expired." in page.content.decode()
    assert "todo_api/admin.css" in page.content.decode()


def test_the_page_of_a_500_needs_no_database() -> None:
    with active(RequestContext()):
        response = errors.server_error(RequestFactory().get("/admin/tasks/task/"))

    assert response.status_code == 500
    assert "The log has the cause" in response.content.decode()


@pytest.mark.parametrize("address", ["/api/nonsense", "/administration/", "/nonsense"])
def test_errors_outside_the_admin_stay_json(as_alice: Any, address: str) -> None:
    response = as_alice.get(address)

    assert response.headers["Content-Type"] == "application/json"
    assert response.json()["code"] == "not_found"
