"""The test servers themselves: fresh databases, and servers that go away and come back with what they held."""

from __future__ import annotations

import asyncpg
import pytest
import redis.asyncio as redis

from tests.services.postgres import Postgres
from tests.services.redis import Redis


def plain(url: str) -> str:
    return url.replace("+asyncpg", "")


@pytest.mark.postgres
async def test_each_database_is_empty_and_survives_a_restart(postgres: Postgres, postgres_url: str) -> None:
    link = await asyncpg.connect(plain(postgres_url))
    await link.execute("create table t (n int)")
    await link.close()
    postgres.stop()
    with pytest.raises(OSError):
        await asyncpg.connect(plain(postgres_url))
    postgres.start()
    link = await asyncpg.connect(plain(postgres_url))
    assert await link.fetchval("select count(*) from t") == 0
    await link.close()
    other = await asyncpg.connect(plain(postgres.fresh_url()))
    assert await other.fetchval("select to_regclass('t')") is None
    await other.close()


@pytest.mark.redis
async def test_redis_is_emptied_and_survives_a_kill(redis_server: Redis, redis_url: str) -> None:
    client = redis.Redis.from_url(redis_url)
    assert await client.dbsize() == 0
    await client.set("a", "1")
    await client.aclose()
    redis_server.stop()
    redis_server.start()
    again = redis.Redis.from_url(redis_url)
    assert await again.get("a") == b"1"
    await again.aclose()
