"""Django's PostgreSQL backend for a database that sleeps, behind a pooler and a network."""
