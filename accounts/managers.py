"""Statements about users: operator actions, sign-up, first contact, the account of an e-mail."""

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Self

from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, make_password
from django.contrib.auth.password_validation import validate_password
from django.contrib.postgres.search import SearchQuery, SearchVector
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce, Collate, Lower
from django.utils import timezone

from accounts.tokens import Claims

if TYPE_CHECKING:
    from accounts.models import User

SEEN_EVERY = timedelta(hours=1)
# Django marks an unusable password with a prefix.
HAS_PASSWORD = ~Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)
# Collation "C" compares bytes: only such an index supports a search by prefix.
SORTED_EMAIL = Collate(Lower("email"), "C")
# The words of a name, in lower case: "simple" removes no endings and no stop words.
NAME_WORDS = SearchVector("name", config="simple")
WORD = re.compile(r"[^\W_]+")
MAX_WORDS = 10
ID_PREFIX = 8  # below it, the beginnings of names and e-mails would find users by their ids


class UserQuerySet(models.QuerySet["User"]):
    """Operator actions on users. Each is one statement for any number of users."""

    def suspend(self) -> int:
        """Suspends the active users: all their later requests are refused. Returns their number."""
        return self.filter(is_active=True).update(is_active=False)

    def reactivate(self) -> int:
        """Reactivates the suspended users, but no erased ones. Returns their number."""
        return self.filter(is_active=False, erased_at=None).update(is_active=True)

    def bury(self) -> int:
        """Turns each user into a tombstone: the id of a suspended account, without personal data.

        Requests with a token that is still valid find the row and are refused.
        accounts.personal_data deletes the other rows of the users.
        """
        return self.update(
            erased_at=Coalesce(F("erased_at"), Value(timezone.now())),
            is_active=False,
            is_staff=False,
            is_superuser=False,
            email="",
            name="",
            password=make_password(None),
            last_seen_at=None,
        )

    def matching(self, term: str) -> Self:
        """Returns the users whose id or e-mail begins with it, or whose name has words that begin
        with each of its words. Names and e-mails in any case. A term of under ID_PREFIX characters
        must be the whole id.

        Reads three indexes.
        """
        users = self.alias(sorted_email=SORTED_EMAIL, name_words=NAME_WORDS)
        same_id = Q(pk__startswith=term) if len(term) >= ID_PREFIX else Q(pk=term)
        found = same_id | Q(sorted_email__startswith=term.lower())
        if words := WORD.findall(term)[:MAX_WORDS]:
            beginnings = " & ".join(f"{word}:*" for word in words)
            found |= Q(name_words=SearchQuery(beginnings, config="simple", search_type="raw"))
        return users.filter(found)

    def erased(self) -> Self:
        return self.filter(erased_at__isnull=False)

    def suspended(self) -> Self:
        return self.filter(is_active=False, erased_at=None)

    def email_begins(self, prefix: str) -> Self:
        """Returns the users whose e-mail begins with the prefix, in any case."""
        users = self.alias(sorted_email=SORTED_EMAIL)
        return users.filter(sorted_email__startswith=prefix.lower())


class UserManager(BaseUserManager["User"]):
    """Finds users by e-mail only among those with a password; users of tokens are found by id."""

    def with_password(self) -> models.QuerySet["User"]:
        return self.filter(HAS_PASSWORD)

    def get_by_natural_key(self, email: str | None) -> "User":
        """Returns the account that signs in with this e-mail (in any case).

        Raises User.DoesNotExist.
        """
        # Lower case, as in the unique constraint. `iexact` compares upper case, where different
        # e-mails are equal (such as with i and with a dotless i), and it has no index.
        users = self.with_password().alias(lower_email=Lower("email"))
        return users.get(lower_email=Lower(Value(email)))

    def sign_up(self, email: str, password: str, **fields: Any) -> "User":
        """Creates an account with a password. Raises IntegrityError if the e-mail has one."""
        return self.create(email=email, password=make_password(password), **fields)

    def create_superuser(self, email: str, password: str | None, **fields: Any) -> "User":
        """Creates an operator. Raises ValidationError, which createsuperuser shows, if there is no
        password or a weak one, or if the e-mail has an account with a password.
        """
        if not password:
            raise ValidationError("A password is needed: set DJANGO_SUPERUSER_PASSWORD")
        validate_password(password, self.model(email=email))
        rights = {"is_staff": True, "is_superuser": True}
        user = self.model(email=email, password=make_password(password), **rights, **fields)
        user.validate_constraints()
        user.save(force_insert=True)
        return user

    def with_credentials(self, email: str, password: str) -> "User | None":
        """Returns the account of this e-mail if the password is right, else None.

        An unknown e-mail takes the same time as a wrong password: one hash.
        """
        try:
            user = self.get_by_natural_key(email)
        except self.model.DoesNotExist:
            make_password(password)
            return None
        return user if user.check_password(password) else None

    def first_contact(self, claims: Claims) -> None:
        """Creates the row of a verified token's user, unless it exists. One statement.

        Concurrent first requests create one row, because of the primary key.
        """
        user = self.model(id=claims.user_id, password=make_password(None), **_copied(claims))
        self.bulk_create([user], ignore_conflicts=True)

    def record_seen(self, claims: Claims) -> None:
        """Updates last_seen_at, and e-mail and name from the token. One statement."""
        copied = _copied(claims)
        # Accounts with a password keep the e-mail and name from their sign-up. Access tokens of
        # OAuth have neither.
        kept = {
            name: Case(When(HAS_PASSWORD, then=F(name)), default=Value(copied[name]))
            if copied[name]
            else F(name)
            for name in ("email", "name")
        }
        # Of concurrent requests, only the first one writes.
        lately = Q(last_seen_at__gt=timezone.now() - SEEN_EVERY)
        # PostgreSQL checks the condition again on the locked row: a user who is erased meanwhile is
        # left unchanged.
        stale = self.filter(~lately, pk=claims.user_id, erased_at=None)
        stale.update(**{**copied, **kept})


def _copied(claims: Claims) -> dict[str, Any]:
    return {"email": claims.email, "name": claims.name, "last_seen_at": timezone.now()}
