"""The views of the OpenAPI document and of its Swagger page."""

from typing import Any

from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView


class SchemaView(SpectacularJSONAPIView):
    http_method_names = ["get", "head"]  # the Allow header lists these

    def _get_version_parameter(self, request: Any) -> None:
        """Ignores `?version=`, because the API has one version. The base class would copy the value
        into the document and, unchecked, into a header.
        """


class DocsView(SpectacularSwaggerSplitView):
    """The Swagger page. Its script has a URL of its own (`?script=`), because the policy of pages
    forbids inline scripts.
    """

    http_method_names = SchemaView.http_method_names
    url_name = "schema"
    template_name = "todo_api/docs.html"
