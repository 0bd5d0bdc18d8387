"""The people: whoever came with a valid token, signed up here, or operates the service."""

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
# Django marks an unusable password with this prefix.
HAS_PASSWORD = ~models.Q(password__startswith=UNUSABLE_PASSWORD_PREFIX)
# By bytes, whatever the database's own order: only so can an index find the beginning of a word.
SORTED_EMAIL = Collate(Lower("email"), "C")


def new_id() -> str:
    """An id for people who did not bring one: own sign-up and operators."""
    return str(uuid.uuid4())


class UserQuerySet(models.QuerySet["User"]):
    """What operators do to people, any number of them in one statement."""

    def suspend(self) -> int:
        """Returns how many could act until now: each request of theirs is refused from now on."""
        return self.filter(is_active=True).update(is_active=False)

    def reactivate(self) -> int:
        """Returns how many were suspended. Whoever was erased stays so."""
        return self.filter(is_active=False, erased_at=None).update(is_active=True)

    def bury(self) -> int:
        """Leaves of each person a tombstone: the id, and that nothing may be done with it.

        A token that is still valid finds the row and is refused. What belongs to the person is
        accounts.personal_data's to delete.
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

    def matching(self, words: str) -> Self:
        """Whose id is exactly this, or whose e-mail begins so, in any case. Reads two indexes."""
        return self.filter(pk=words) | self.email_begins(words)

    def erased(self) -> Self:
        return self.filter(erased_at__isnull=False)

    def suspended(self) -> Self:
        return self.filter(is_active=False, erased_at=None)

    def email_begins(self, prefix: str) -> Self:
        """In any case."""
        users = self.alias(sorted_email=SORTED_EMAIL)
        return users.filter(sorted_email__startswith=prefix.lower())


class UserManager(BaseUserManager["User"]):
    """Finds people by e-mail only among those who have a password; tokens find them by id."""

    def with_password(self) -> models.QuerySet["User"]:
        return self.filter(HAS_PASSWORD)

    def get_by_natural_key(self, email: str | None) -> "User":
        """The account that signs in with this e-mail (any case). Raises User.DoesNotExist."""
        # As the constraint compares. `iexact` compares upper case, in which more e-mails are alike
        # (an i without its dot), and has no index.
        users = self.with_password().alias(lower_email=Lower("email"))
        return users.get(lower_email=Lower(models.Value(email)))

    def sign_up(self, email: str, password: str, **fields: Any) -> "User":
        """Makes an account with a password. Raises IntegrityError when the e-mail has one."""
        return self.create(email=email, password=make_password(password), **fields)

    def create_superuser(self, email: str, password: str | None, **fields: Any) -> "User":
        """Makes an operator. Raises ValidationError, which createsuperuser shows, when the e-mail
        has an account with a password, and when there is no password to sign in with.
        """
        if not password:
            raise ValidationError("A password is needed: set DJANGO_SUPERUSER_PASSWORD")
        rights = {"is_staff": True, "is_superuser": True}
        user = User(email=email, password=make_password(password), **rights, **fields)
        user.validate_constraints()
        user.save(force_insert=True)
        return user

    def with_credentials(self, email: str, password: str) -> "User | None":
        """The account of this e-mail if the password is right. An unknown e-mail costs the same
        as a wrong password: one hash.
        """
        try:
            user = self.get_by_natural_key(email)
        except User.DoesNotExist:
            make_password(password)
            return None
        return user if user.check_password(password) else None

    def first_contact(self, claims: Claims) -> None:
        """Makes the row of a person whom a verified token speaks of. One statement.

        Any number of first contacts at once make one row: the primary key decides.
        """
        user = User(id=claims.user_id, password=make_password(None), **_copied(claims))
        self.bulk_create([user], ignore_conflicts=True)

    def seen(self, claims: Claims) -> None:
        """Notes that the person was here, and what their token now says of them. One statement."""
        copied = _copied(claims)
        # Who signs in with a password here is known by the e-mail they signed up with.
        kept = {
            name: Case(When(HAS_PASSWORD, then=F(name)), default=Value(copied[name]))
            for name in ("email", "name")
        }
        # Of any number of requests at once the first one writes.
        lately = Q(last_seen_at__gt=timezone.now() - SEEN_EVERY)
        # Whoever is erased meanwhile stays so: the row is looked at again when it is written.
        seen = self.filter(~lately, pk=claims.user_id, erased_at=None)
        seen.update(**{**copied, **kept})


def _copied(claims: Claims) -> dict[str, Any]:
    return {"email": claims.email, "name": claims.name, "last_seen_at": timezone.now()}


class User(AbstractBaseUser, PermissionsMixin):
    """A person. `id` is the token's subject: opaque, compared exactly, never parsed.

    `email` and `name` are for operators to read. They are never identity: two rows may carry
    one e-mail, and nothing is ever merged by it.
    """

    id = models.TextField(primary_key=True, default=new_id, editable=False)
    email = models.EmailField(blank=True)
    name = models.CharField(max_length=255, blank=True)
    is_active = models.BooleanField(default=True, help_text="Off: suspended, every request is 403.")
    is_staff = models.BooleanField(default=False, help_text="May open the admin.")
    date_joined = models.DateTimeField(default=timezone.now, editable=False)
    last_seen_at = models.DateTimeField(null=True, editable=False)
    # What is left is a tombstone: a token that is still valid must bring nobody back.
    erased_at = models.DateTimeField(null=True, editable=False)
    last_login = None  # operators' sign-ins are in the admin log; people's tokens never log in

    objects = UserManager.from_queryset(UserQuerySet)()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name, verbose_name_plural = "person", "people"
        permissions = (
            ("suspend_user", "Can suspend and reactivate people"),
            ("export_user", "Can export what belongs to people"),
            ("erase_user", "Can erase people"),
        )
        indexes = (
            # Operators: an e-mail by its beginning.
            models.Index(SORTED_EMAIL, name="accounts_user_email_prefix"),
            # Operators: people by when they joined, and who was here since.
            models.Index(fields=["date_joined", "id"], name="accounts_user_joined"),
            models.Index(fields=["last_seen_at"], name="accounts_user_last_seen"),
            # Operators: the few among very many, newest first.
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
                violation_error_message="An erased person stays erased",
            ),
        )

    def __str__(self) -> str:
        # Django's log of operators' acts keeps this text: an e-mail would outlive its person there.
        return self.id


class AttemptsManager(models.Manager["Attempts"]):
    def seconds_over(self, key: str, limit: int, window: timedelta) -> float:
        """Counts one attempt. Returns 0, or after `limit` of them the seconds until the window
        ends. One statement: attempts in other processes are counted too, none is lost.
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
    """How often a key (a hashed e-mail or address) tried to sign up or log in, until when."""

    key = models.CharField(max_length=64, primary_key=True)
    count = models.PositiveIntegerField()
    expires_at = models.DateTimeField(db_index=True)  # what may be purged

    objects = AttemptsManager()

    class Meta:
        verbose_name_plural = "attempts"

    def __str__(self) -> str:
        return self.key
