"""The service under an asynchronous server: Django runs the synchronous code in threads."""

import asyncio

import pytest
from asgiref.sync import sync_to_async
from django.db import connections
from django.test import AsyncClient

from accounts.tests.key_server import KeyServer, SigningKey

pytestmark = pytest.mark.django_db(transaction=True)


def test_new_keys_and_two_users_concurrently(better_auth: KeyServer) -> None:
    better_auth.keys.append(SigningKey("brand-new", "ES256"))
    tokens = [
        better_auth.token(user, key=key)
        for key in better_auth.keys
        for user in ("alice", "bob")
        for _ in range(5)
    ]

    async def send(token: str) -> tuple[int, str]:
        response = await AsyncClient().get("/api/me", headers={"Authorization": f"Bearer {token}"})
        return response.status_code, response.json()["id"]

    async def send_all() -> list[tuple[int, str]]:
        try:
            return await asyncio.gather(*[send(token) for token in tokens])
        finally:
            await sync_to_async(connections.close_all)()

    responses = asyncio.run(send_all())

    assert responses == ([(200, "alice")] * 5 + [(200, "bob")] * 5) * 2
    assert better_auth.requests == 1


def test_a_request_without_a_token_returns_401(better_auth: KeyServer) -> None:
    async def send() -> int:
        return int((await AsyncClient().get("/api/tasks")).status_code)

    assert asyncio.run(send()) == 401
