"""/.well-known/oauth-protected-resource: who issues tokens for this service (RFC 9728)."""

from typing import Any

from django.http import HttpRequest, JsonResponse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.sources import configured
from todo_api.web.scopes import READ, WRITE

# The whole service is one resource, with the address of its tools: clients compare it with the
# address that they request, and add a slash to one without a path.
RESOURCE = "/api/mcp"
# Some clients look for the metadata without the path of the resource.
ROOT = "/.well-known/oauth-protected-resource"
WELL_KNOWN = f"{ROOT}{RESOURCE}"
MAX_AGE_SECONDS = 300


class ProtectedResourceSerializer(serializers.Serializer[Any]):
    """The metadata of this service for OAuth clients (RFC 9728, section 2)."""

    resource = serializers.URLField(help_text="The `resource` of requests for tokens")
    resource_name = serializers.CharField()
    resource_documentation = serializers.URLField()
    authorization_servers = serializers.ListField(
        child=serializers.URLField(), required=False, help_text="Absent if there are none"
    )
    scopes_supported = serializers.ListField(child=serializers.CharField())
    bearer_methods_supported = serializers.ListField(child=serializers.CharField())


class ProtectedResourceView(APIView):
    http_method_names = ["get", "head"]
    authentication_classes = ()
    permission_classes = (AllowAny,)

    @extend_schema(
        summary="Find out who issues tokens for this service",
        description="For OAuth clients, which find this address in `WWW-Authenticate`.",
        responses=ProtectedResourceSerializer,
    )
    def get(self, request: Request) -> JsonResponse:
        resource = request.build_absolute_uri(RESOURCE)
        servers = issuers_for(resource)
        metadata = {
            "resource": resource,
            "resource_name": "Todo API",
            "resource_documentation": request.build_absolute_uri("/api/docs"),
            **({"authorization_servers": servers} if servers else {}),
            # Agents ask for every scope that is listed. That of the account is for few.
            "scopes_supported": [READ, WRITE],
            "bearer_methods_supported": ["header"],
        }
        # The names are those of the standard, so the contract of the API does not change them.
        return JsonResponse(
            metadata, headers={"Cache-Control": f"public, max-age={MAX_AGE_SECONDS}"}
        )


def issuers_for(resource: str) -> list[str]:
    """Returns the issuers whose tokens are for this resource. Those of sessions are not."""
    return [source.issuer for source in configured() if resource in source.audiences]


def metadata_address(request: HttpRequest) -> str:
    return request.build_absolute_uri(WELL_KNOWN)
