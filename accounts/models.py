"""Users (from tokens, own sign-up or createsuperuser), and counts of their log-in attempts."""

import uuid
from datetime import timedelta
from typing import Any, ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, make_password
from django.contrib.auth.models import PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import connection, models
from django.db.models import Case, F, Q, Value, When
from django.db.models.functions import Coalesce, Collate, Lower
from django.utils import timezone

from accounts.tokens import Claims

SEEN_EVERY = timedelta(hours=1)
# Django marks an unusable password with a prefix.
HAS_PASSWORD = ~models.Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)
# Collation "C" compares bytes: only such an index supports a search by prefix.
SORTED_EMAIL = Collate(Lower("email"), "C")


def new_id() -> str:
    """Returns an id for users without a token's subject: own sign-up and operators."""
    return str(uuid.uuid4())


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
        """Returns the users with exactly this id, or whose e-mail begins with it in any case.

        Reads two indexes.
        """
        return self.filter(pk=term) | self.email_begins(term)

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
        return users.get(lower_email=Lower(models.Value(email)))

    def sign_up(self, email: str, password: str, **fields: Any) -> "User":
        """Creates an account with a password. Raises IntegrityError if the e-mail has one."""
        return self.create(email=email, password=make_password(password), **fields)

    def create_superuser(self, email: str, password: str | None, **fields: Any) -> "User":
        """Creates an operator. Raises ValidationError, which createsuperuser shows, if there is no
        password, or if the e-mail has an account with a password.
        """
        if not password:
            raise ValidationError("A password is needed: set DJANGO_SUPERUSER_PASSWORD")
        rights = {"is_staff": True, "is_superuser": True}
        user = User(email=email, password=make_password(password), **rights, **fields)
        user.validate_constraints()
        user.save(force_insert=True)
        return user

    def with_credentials(self, email: str, password: str) -> "User | None":
        """Returns the account of this e-mail if the password is right, else None.

        An unknown e-mail takes the same time as a wrong password: one hash.
        """
        try:
            user = self.get_by_natural_key(email)
        except User.DoesNotExist:
            make_password(password)
            return None
        return user if user.check_password(password) else None

    def first_contact(self, claims: Claims) -> None:
        """Creates the row of a verified token's user, unless it exists. One statement.

        Concurrent first requests create one row, because of the primary key.
        """
        user = User(id=claims.user_id, password=make_password(None), **_copied(claims))
        self.bulk_create([user], ignore_conflicts=True)

    def record_seen(self, claims: Claims) -> None:
        """Updates last_seen_at, and e-mail and name from the token. One statement."""
        copied = _copied(claims)
        # Accounts with a password keep the e-mail and name from their sign-up.
        kept = {
            name: Case(When(HAS_PASSWORD, then=F(name)), default=Value(copied[name]))
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


class User(AbstractBaseUser, PermissionsMixin):
    """A user. `id` is the token's subject: opaque, compared exactly, never parsed.

    `email` and `name` are only for display. Two rows may have the same e-mail; rows are never
    merged by it.
    """

    id = models.TextField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(blank=True)
    name = models.CharField(max_length=255, blank=True)
    is_active = models.BooleanField(default=True, help_text="Off: suspended, every request is 403.")
    is_staff = models.BooleanField(default=False, help_text="May open the admin.")
    date_joined = models.DateTimeField(default=timezone.now, editable=False)
    last_seen_at = models.DateTimeField(null=True, editable=False)
    # The row stays as a tombstone, so that a token that is still valid cannot recreate the user.
    erased_at = models.DateTimeField(null=True, editable=False)
    last_login = None  # not recorded: operators' sign-ins are in the server log

    objects = UserManager.from_queryset(UserQuerySet)()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name, verbose_name_plural = "user", "users"
        permissions = (
            ("suspend_user", "Can suspend and reactivate users"),
            ("export_user", "Can export the data of users"),
            ("erase_user", "Can erase users"),
        )
        indexes = (
            # For operators: search by the beginning of an e-mail.
            models.Index(SORTED_EMAIL, name="accounts_user_email_prefix"),
            # For operators: sort by date_joined, filter by date_joined and last_seen_at.
            models.Index(fields=["date_joined", "id"], name="accounts_user_joined"),
            models.Index(fields=["last_seen_at"], name="accounts_user_last_seen"),
            # For operators: filter the few inactive users and operators, newest first.
            models.Index(
                fields=["date_joined", "id"],
                condition=Q(is_active=False),
                name="accounts_user_inactive",
            ),
            models.Index(
                fields=["date_joined", "id"],
                condition=Q(is_staff=True),
                name="accounts_user_staff",
            ),
        )
        constraints = (
            models.UniqueConstraint(
                Lower("email"),
                condition=HAS_PASSWORD,
                name="accounts_user_email_unique_with_password",
                violation_error_message="Email already registered",
            ),
            models.CheckConstraint(
                condition=models.Q(id__regex=r"^(?=.*\S).{1,255}$"),
                name="accounts_user_id_not_blank",
                violation_error_message="The id has 1 to 255 characters, not all blank",
            ),
            models.CheckConstraint(
                condition=Q(erased_at=None)
                | Q(
                    is_active=False,
                    is_staff=False,
                    is_superuser=False,
                    email="",
                    name="",
                    last_seen_at=None,
                ),
                name="accounts_user_erased_is_empty",
                violation_error_message="An erased user stays erased",
            ),
        )

    def __str__(self) -> str:
        # The admin log stores this text. An e-mail would stay there after the user's erasure.
        return self.id


class AttemptsManager(models.Manager["Attempts"]):
    def seconds_over(self, key: str, limit: int, window: timedelta) -> float:
        """Counts an attempt. Returns 0, or after more than `limit` attempts the seconds until the
        window ends. One statement, so that concurrent attempts are all counted.
        """
        with connection.cursor() as cursor:
            cursor.execute(
                """
                INSERT INTO accounts_attempts AS seen (key, count, expires_at)
                VALUES (%(key)s, 1, now() + make_interval(secs => %(seconds)s))
                ON CONFLICT (key) DO UPDATE SET
                    count = CASE WHEN seen.expires_at > now() THEN seen.count + 1 ELSE 1 END,
                    expires_at = CASE WHEN seen.expires_at > now() THEN seen.expires_at
                                      ELSE excluded.expires_at END
                RETURNING count, extract(epoch FROM expires_at - now())::float
                """,
                {"key": key, "seconds": window.total_seconds()},
            )
            count, seconds = cursor.fetchone()
        return float(seconds) if count > limit else 0.0


class Attempts(models.Model):
    """The number of sign-up or log-in attempts in a window, by hashed e-mail or address."""

    key = models.CharField(max_length=64, primary_key=True)
    count = models.PositiveIntegerField()
    expires_at = models.DateTimeField(db_index=True)  # purge_expired deletes by it

    objects = AttemptsManager()

    class Meta:
        verbose_name_plural = "attempts"

    def __str__(self) -> str:
        return self.key
