"""The password hasher of the tests."""

from accounts.hashers import FrugalArgon2PasswordHasher


class QuickHasher(FrugalArgon2PasswordHasher):
    """The service's hasher at the lowest cost, because tests check a thousand wrong passwords."""

    memory_cost = 8
    time_cost = 1
