"""Serializers of own accounts: sign-up, log-in, erasure, and the representation of a user."""

from typing import Any

from rest_framework import serializers

from accounts.models import User
from todo_api.web.body import TextField

MIN_PASSWORD, MAX_PASSWORD = 8, 1024
BOTH_REQUIRED: dict[str, Any] = dict.fromkeys(
    ("required", "null", "blank", "invalid"), "Email and password required"
)


class SignUpSerializer(serializers.Serializer[Any]):
    email = serializers.EmailField(
        max_length=254,
        error_messages={
            **BOTH_REQUIRED,
            "invalid": "Invalid email format",
            "max_length": "Invalid email format",
        },
    )
    password = TextField(
        min_length=MIN_PASSWORD,
        max_length=MAX_PASSWORD,
        trim_whitespace=False,
        write_only=True,
        error_messages={
            **BOTH_REQUIRED,
            "blank": "Password must be at least 8 characters",
            "min_length": "Password must be at least 8 characters",
            "max_length": f"Password must not exceed {MAX_PASSWORD} characters",
        },
    )
    name = TextField(max_length=255, required=False, allow_blank=True, allow_null=True)

    def to_internal_value(self, data: Any) -> Any:
        """Takes the name from `full_name` or `username`, which existing frontends send."""
        others = (data[other] for other in ("full_name", "username") if data.get(other))
        if not data.get("name") and (name := next(others, None)):
            data = {**data, "name": name}
        return super().to_internal_value(data)

    def validate_name(self, value: str | None) -> str:
        return value or ""


class LogInSerializer(serializers.Serializer[Any]):
    """Checks no format: an e-mail or password in the wrong format is only a wrong pair (401)."""

    email = TextField(error_messages=BOTH_REQUIRED)
    password = TextField(trim_whitespace=False, write_only=True, error_messages=BOTH_REQUIRED)


class UserSerializer(serializers.ModelSerializer[User]):
    created_at = serializers.DateTimeField(source="date_joined")

    class Meta:
        model = User
        fields = ("id", "email", "name", "created_at")
        read_only_fields = fields


class ExportedUserSerializer(serializers.ModelSerializer[User]):
    """All fields of the user that an export contains."""

    created_at = serializers.DateTimeField(source="date_joined")

    class Meta:
        model = User
        fields = ("id", "email", "name", "created_at", "last_seen_at")
        read_only_fields = fields


class ErasureSerializer(serializers.Serializer[Any]):
    """The user's own e-mail address as a confirmation, or the id if `me` shows no e-mail."""

    email = TextField(
        trim_whitespace=False,
        error_messages=dict.fromkeys(
            ("required", "null", "blank", "invalid"),
            "Email is required: type your own to confirm that everything of yours is erased",
        ),
    )


class SessionSerializer(serializers.Serializer[Any]):
    """The response to sign-up and log-in. `token` and `access_token` are the same."""

    token = serializers.CharField()
    access_token = serializers.CharField()
    expires_in = serializers.IntegerField(help_text="Seconds until the token expires")
    token_type = serializers.ChoiceField(choices=["bearer"])
    user = UserSerializer()


class VerifiedSerializer(serializers.Serializer[Any]):
    """The user of a token. `user_id` and `external_id` are the same: the token's subject."""

    user_id = serializers.CharField()
    external_id = serializers.CharField()
    email = serializers.CharField()
    name = serializers.CharField()


class MessageSerializer(serializers.Serializer[Any]):
    message = serializers.CharField()
