"""Own accounts, for frontends without a Better Auth server, and `me` for all users."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied, ValidationError
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.identity import Suspended, as_owner
from accounts.models import User
from accounts.own_tokens import OwnToken, mint
from accounts.personal_data import erase
from accounts.serializers import (
    ErasureSerializer,
    LogInSerializer,
    MessageSerializer,
    SessionSerializer,
    SignUpSerializer,
    UserSerializer,
    VerifiedSerializer,
)
from accounts.throttling import count_attempt, forget_attempts
from todo_api.web.scopes import OF_ACCOUNT


class PublicView(APIView):
    """A view for clients without a token. It ignores an Authorization header."""

    http_method_names = ["post"]  # in the order of the Allow header
    authentication_classes = ()
    permission_classes = (AllowAny,)


class SignUpView(PublicView):
    failures = (409,)

    @extend_schema(
        summary="Create an account", request=SignUpSerializer, responses={201: SessionSerializer}
    )
    def post(self, request: Request) -> Response:
        fields = checked(SignUpSerializer, request)
        count_attempt(request, "sign-up", fields["email"])
        with as_owner("sign-up"):
            user = User.objects.sign_up(**fields)
        return Response(session(user), 201)


class LogInView(PublicView):
    failures = (401, 403)

    @extend_schema(
        summary="Get a token for an e-mail and a password",
        request=LogInSerializer,
        responses=SessionSerializer,
    )
    def post(self, request: Request) -> Response:
        fields = checked(LogInSerializer, request)
        count_attempt(request, "log-in", fields["email"])
        with as_owner("log-in"):
            user = User.objects.with_credentials(**fields)
        # Operators sign in to the admin only: a password that opens it must not be tried here.
        if user is None or user.is_staff or user.is_superuser:
            raise AuthenticationFailed("Invalid email or password", code="not_authenticated")
        if not user.is_active:
            raise Suspended
        forget_attempts(request, "log-in", fields["email"])
        return Response(session(user))

    def get_authenticate_header(self, request: Request) -> str:
        """Returns the challenge for a wrong password. DRF would have none, and respond with 403,
        because this view has no authentication class.
        """
        return "Bearer"


class LogOutView(PublicView):
    @extend_schema(
        summary="Sign out",
        description="Tokens are stateless: delete yours. It stays valid until its `exp`.",
        request=None,
        responses=MessageSerializer,
    )
    def post(self, request: Request) -> Response:
        return Response({"message": "Signed out"})


class VerifyView(APIView):
    http_method_names = ["post"]
    required_scopes = OF_ACCOUNT

    @extend_schema(
        summary="Verify a token and get its user",
        description="For frontends that check a stored token at their start.",
        request=None,
        responses=VerifiedSerializer,
    )
    def post(self, request: Request) -> Response:
        user = own_row(request)
        ids = {"user_id": user.id, "external_id": user.id}
        return Response({**ids, "email": user.email, "name": user.name})


class MeView(APIView):
    http_method_names = ["get", "delete", "head"]
    delete_has_body = True
    required_scopes = OF_ACCOUNT

    @extend_schema(
        summary="Get the signed-in user",
        description="Creates the user at the first request with their token.",
        responses=UserSerializer,
    )
    def get(self, request: Request) -> Response:
        return Response(UserSerializer(own_row(request)).data)

    @extend_schema(
        summary="Erase the signed-in user and all of their data",
        description="Cannot be undone. Afterwards each request with the same token is a 403.",
        request=ErasureSerializer,
        responses={204: None},
    )
    def delete(self, request: Request) -> Response:
        user = own_row(request)
        typed, email = checked(ErasureSerializer, request)["email"], user.email
        # Some tokens contain no e-mail; then the id confirms. Ids are compared exactly.
        if typed.strip().casefold() != email.strip().casefold() if email else typed != user.id:
            what = "e-mail" if user.email else "id"
            raise ValidationError({"email": [f"This is not your {what}; nothing was erased"]})
        with as_owner("erasure"):
            if User.objects.filter(pk=user.pk, is_staff=True).exists():
                raise PermissionDenied("An operator is erased by another operator")
            erase(user)
        return Response(status=204)


def own_row(request: Request) -> User:
    """Returns the signed-in user from the database, with the columns that API requests may read.

    One query.
    """
    users = User.objects.only("id", "email", "name", "date_joined", "last_seen_at")
    return users.get(pk=request.user.pk)


def checked(serializer_class: Any, request: Request) -> dict[str, Any]:
    """Returns the validated data of the body. Raises ValidationError."""
    serializer = serializer_class(data=request.data)
    serializer.is_valid(raise_exception=True)
    fields: dict[str, Any] = serializer.validated_data
    return fields


def session(user: User) -> dict[str, Any]:
    """Returns the response body of sign-up and log-in, with a new token."""
    token = mint(user)
    return {
        "token": token,
        "access_token": token,
        "expires_in": int(OwnToken.lifetime.total_seconds()),
        "token_type": "bearer",
        "user": UserSerializer(user).data,
    }
