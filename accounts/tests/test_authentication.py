"""A token in a header, a person in the request: over the API, with real signatures."""

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from accounts.tests.key_server import KeyServer, SigningKey

pytestmark = pytest.mark.django_db


def get(path: str, token: str) -> tuple[int, object]:
    response = APIClient().get(path, HTTP_AUTHORIZATION=f"Bearer {token}")
    return response.status_code, response.json()


@pytest.mark.parametrize("algorithm", ["EdDSA", "ES256", "ES512", "RS256", "PS256"])
def test_a_token_of_each_algorithm_that_better_auth_offers_is_accepted(
    better_auth: KeyServer, algorithm: str
) -> None:
    better_auth.keys = [SigningKey("k", algorithm)]

    assert get("/api/tasks", better_auth.token("someone")) == (200, [])


def test_the_first_contact_makes_the_person(better_auth: KeyServer) -> None:
    token = better_auth.token("New-Person", email="new@todo.test", name="New")

    assert get("/api/me", token)[0] == 200
    person = User.objects.get()
    assert (person.pk, person.email, person.name) == ("New-Person", "new@todo.test", "New")
    assert not person.has_usable_password()
    assert (person.is_active, person.is_staff, person.is_superuser) == (True, False, False)
