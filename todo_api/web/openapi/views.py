"""The OpenAPI document, as it is served, and its page."""

from typing import Any

from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerView


class SchemaView(SpectacularJSONAPIView):
    http_method_names = ["get", "head"]  # as Allow names them

    def _get_version_parameter(self, request: Any) -> None:
        """There is one version. The generator's own view would put `?version=` into the document
        and, as it came, into a header.
        """


class DocsView(SpectacularSwaggerView):
    http_method_names = SchemaView.http_method_names
    url_name = "schema"
