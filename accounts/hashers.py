"""Password hashing."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class FrugalArgon2PasswordHasher(Argon2PasswordHasher):
    """Argon2id with OWASP's first recommendation: 19 MiB, two passes, parallelism 1.

    Django's default is 100 MiB for each hash: concurrent log-ins, one in each thread, would need
    gigabytes.
    """

    memory_cost = 19_456  # KiB
    time_cost = 2
    parallelism = 1
