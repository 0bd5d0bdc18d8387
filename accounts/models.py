"""Users (from tokens, own sign-up or createsuperuser), and counts of their log-in attempts."""

import uuid
from collections.abc import Iterable
from datetime import timedelta
from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.indexes import GinIndex
from django.db import connection, models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from accounts.managers import HAS_PASSWORD, NAME_WORDS, SORTED_EMAIL, UserManager, UserQuerySet


def new_id() -> str:
    """Returns an id for users without a token's subject: own sign-up and operators."""
    return str(uuid.uuid4())


class User(AbstractBaseUser, PermissionsMixin):
    """A user. `id` is the token's subject: opaque, compared exactly, never parsed.

    `email` and `name` are only for display. Two rows may have the same e-mail; rows are never
    merged by it.
    """

    id = models.TextField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(blank=True)
    name = models.CharField(max_length=255, blank=True)
    is_active = models.BooleanField(default=True, help_text="Off: suspended, every request is 403.")
    is_staff = models.BooleanField("operator", default=False, help_text="May open the admin.")
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
            # For operators: search by the words of a name. Without pending entries, which each
            # search would read in full: names rarely change.
            GinIndex(NAME_WORDS, fastupdate=False, name="accounts_user_name_words"),
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
                condition=Q(id__regex=r"^(?=.*\S).{1,255}$"),
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

    def label(self) -> str:
        """Returns the name, else the e-mail, else the id, for operators."""
        return self.name or self.email or self.id

    def heading(self) -> str:
        """Returns the name and e-mail, or what there is of them, for operators."""
        if self.name and self.email:
            return f"{self.name} ({self.email})"
        named = self.name or self.email
        return named or ("Erased user" if self.erased_at else "User without a name")


class AttemptsManager(models.Manager["Attempts"]):
    """Counts by key. PostgreSQL computes the stored key, a hash of the key in lower case: no e-mail
    and no address is stored. The account of an e-mail is found by the same lower case. With other
    rules, such as Python's, two spellings of one account would be counted separately.
    """

    def seconds_over(self, key: str, limit: int, window: timedelta) -> float:
        """Counts an attempt. Returns 0, or after more than `limit` attempts the seconds until the
        window ends. One statement, so that concurrent attempts are all counted.
        """
        with connection.cursor() as cursor:
            cursor.execute(
                """
                INSERT INTO accounts_attempts AS seen (key, count, expires_at)
                VALUES (encode(sha256(convert_to(lower(%s), 'UTF8')), 'hex'), 1,
                    now() + make_interval(secs => %s))
                ON CONFLICT (key) DO UPDATE SET
                    count = CASE WHEN seen.expires_at > now() THEN seen.count + 1 ELSE 1 END,
                    expires_at = CASE WHEN seen.expires_at > now() THEN seen.expires_at
                                      ELSE excluded.expires_at END
                RETURNING count, extract(epoch FROM expires_at - now())::float
                """,
                [key, window.total_seconds()],
            )
            count, seconds = cursor.fetchone()
        return float(seconds) if count > limit else 0.0

    def forget(self, keys: Iterable[str]) -> None:
        """Resets the counts of these keys. One statement."""
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE accounts_attempts SET count = 0 FROM unnest(%s::text[]) AS name"
                " WHERE key = encode(sha256(convert_to(lower(name), 'UTF8')), 'hex')",
                [[*keys]],
            )


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
