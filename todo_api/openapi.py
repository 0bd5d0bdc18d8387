"""The OpenAPI document, as it is served. What is in it: todo_api.schema."""

from typing import Any

from drf_spectacular.views import SpectacularJSONAPIView


class SchemaView(SpectacularJSONAPIView):
    def _get_version_parameter(self, request: Any) -> None:
        """There is one version. The generator's own view would put `?version=` into the document
        and, as it came, into a header.
        """
