"""The same service under an asynchronous server: Django runs our synchronous code in threads."""

import asyncio

import pytest
from asgiref.sync import sync_to_async
from django.db import connections
from django.test import AsyncClient

from accounts.tests.key_server import KeyServer, SigningKey

pytestmark = pytest.mark.django_db(transaction=True)


def test_brand_new_keys_and_two_people_at_once(better_auth: KeyServer) -> None:
    better_auth.keys.append(SigningKey("brand-new", "ES256"))
    tokens = [
        better_auth.token(user, key=key)
        for key in better_auth.keys
        for user in ("alice", "bob")
        for _ in range(5)
    ]

    async def ask(token: str) -> tuple[int, str]:
        response = await AsyncClient().get("/api/me", headers={"Authorization": f"Bearer {token}"})
        return response.status_code, response.json()["id"]

    async def ask_all() -> list[tuple[int, str]]:
        try:
            return await asyncio.gather(*[ask(token) for token in tokens])
        finally:
            await sync_to_async(connections.close_all)()

    responses = asyncio.run(ask_all())

    assert responses == ([(200, "alice")] * 5 + [(200, "bob")] * 5) * 2
    assert better_auth.requests == 1


def test_without_an_identity_nothing_is_answered(better_auth: KeyServer) -> None:
    async def ask() -> int:
        return int((await AsyncClient().get("/api/tasks")).status_code)

    assert asyncio.run(ask()) == 401
