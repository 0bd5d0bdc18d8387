"""A Django database backend for PostgreSQL behind a pooler, with deadlines and compiled SQL."""
