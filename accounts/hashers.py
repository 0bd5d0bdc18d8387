"""Password hashing."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class FrugalArgon2PasswordHasher(Argon2PasswordHasher):
    """Argon2id with OWASP's first recommendation: 19 MiB, two passes, one lane.

    Django's own 100 MiB for each hash would let a burst of log-ins, one a thread, take gigabytes.
    """

    memory_cost = 19_456  # KiB
    time_cost = 2
    parallelism = 1
