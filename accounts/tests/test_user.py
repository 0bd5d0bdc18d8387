"""The user model: creation from claims, updates, lookup by e-mail, and database constraints."""

import time
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from accounts.tests.conftest import EMAIL, PASSWORD
from accounts.tests.parallel import at_once
from accounts.tokens import Claims
from conftest import client_of
from todo_api.errors import from_database


def claims(user_id: str = "Zk3", email: str = "z@todo.test", name: str = "Z") -> Claims:
    now = time.time()
    return Claims(user_id, email, name, expires_at=now + 900, not_before=0, issued_at=now)


def test_twenty_concurrent_first_requests_create_one_user(transactional_db: None) -> None:
    responses = at_once(*[lambda: client_of("Zk3").get("/api/me")] * 20)

    assert [response.status_code for response in responses] == [200] * 20
    assert len({response.content for response in responses}) == 1
    assert User.objects.get().pk == "Zk3"


def test_a_user_is_created_from_the_claims(
    db: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):  # INSERT … ON CONFLICT DO NOTHING
        User.objects.first_contact(claims())

    user = User.objects.get()
    assert (user.pk, user.email, user.name) == ("Zk3", "z@todo.test", "Z")
    assert (user.is_active, user.is_staff, user.is_superuser) == (True, False, False)
    assert not user.has_usable_password()
    assert user.last_seen_at is not None


def test_first_contact_does_not_change_an_existing_user(db: None) -> None:
    User.objects.first_contact(claims())
    User.objects.update(is_active=False)

    User.objects.first_contact(claims(name="New"))

    user = User.objects.get()
    assert (user.name, user.is_active) == ("Z", False)


def test_record_seen_copies_email_and_name_from_the_token(db: None) -> None:
    User.objects.first_contact(claims())
    User.objects.update(last_seen_at=timezone.now() - timedelta(minutes=61), is_active=False)

    User.objects.record_seen(claims(email="new@todo.test", name="New"))

    stored = User.objects.get()
    assert (stored.email, stored.name, stored.is_active) == ("new@todo.test", "New", False)
    assert stored.last_seen_at is not None
    assert timezone.now() - stored.last_seen_at < timedelta(minutes=1)


def test_record_seen_keeps_email_and_name_if_the_token_has_none(db: None) -> None:
    User.objects.create(id="someone", email="old@todo.test", name="Old", password="!")

    User.objects.record_seen(claims("someone", email="", name=""))

    user = User.objects.get()
    assert (user.email, user.name) == ("old@todo.test", "Old")
    assert user.last_seen_at


def test_record_seen_keeps_the_email_of_an_account_with_a_password(account: User) -> None:
    User.objects.record_seen(claims(account.pk, email="other@todo.test", name="Other"))

    stored = User.objects.get()
    assert (stored.email, stored.name) == (account.email, account.name)
    assert stored.last_seen_at is not None


@pytest.mark.parametrize("other", ["zk3", "ZK3", "Zk3 ", " Zk3", "Zk"])
def test_an_id_is_compared_exactly(db: None, other: str) -> None:
    User.objects.first_contact(claims())

    User.objects.first_contact(claims(other))

    assert set(User.objects.values_list("pk", flat=True)) == {"Zk3", other}


def test_users_are_not_merged_by_email(account: User) -> None:
    User.objects.first_contact(claims(email=EMAIL))

    assert User.objects.filter(email=EMAIL).count() == 2
    assert User.objects.get_by_natural_key(EMAIL.upper()) == account


@pytest.mark.parametrize("user_id", ["", " ", "\t", "x" * 256])
def test_the_database_refuses_an_id_that_is_blank_or_too_long(db: None, user_id: str) -> None:
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        User.objects.bulk_create([User(id=user_id, password="!")])

    response: Any = from_database(refused.value)
    text = "The id has 1 to 255 characters, not all blank"
    assert (response.status_code, response.detail) == (400, [text])


def test_the_database_refuses_a_second_account_for_an_email(account: User) -> None:
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        User.objects.bulk_create([User(email=EMAIL.upper(), password=account.password)])

    response: Any = from_database(refused.value)
    assert (response.status_code, response.detail) == (409, "Email already registered")


def test_the_database_refuses_an_update_to_an_email_that_is_taken(account: User) -> None:
    other = User.objects.sign_up("bob@todo.test", PASSWORD)

    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=other.pk).update(email=EMAIL)


def test_an_operator_may_share_an_email_only_with_token_users(account: User) -> None:
    with pytest.raises(ValidationError, match="Email already registered"):
        User.objects.create_superuser(EMAIL, PASSWORD)
    User.objects.first_contact(claims(email="boss@todo.test"))

    operator = User.objects.create_superuser("boss@todo.test", PASSWORD)

    assert (operator.is_staff, operator.is_superuser) == (True, True)
    assert User.objects.get_by_natural_key("Boss@todo.test") == operator


def test_email_and_password_find_the_account(account: User) -> None:
    assert User.objects.with_credentials(EMAIL, PASSWORD) == account
    assert User.objects.with_credentials(EMAIL, "another password") is None
    assert User.objects.with_credentials("nobody@todo.test", PASSWORD) is None


def test_the_text_of_a_user_is_the_id() -> None:
    assert str(User(id="Zk3", email="a@todo.test")) == "Zk3"
