"""Shared by all endpoints: views, parameters, pagination, bodies, the admin and OpenAPI."""
