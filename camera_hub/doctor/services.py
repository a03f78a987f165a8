"""The database and Redis: there, of a version that will do, and set so that nothing acknowledged is lost."""

from __future__ import annotations

from camera_hub.doctor.finding import Finding, fault, good, warning
from camera_hub.settings import Settings
from camera_hub.watch import channel_redis
from registry import condition, migrate
from registry.errors import HubError

SLOW_MS = 50.0
CLOCKS_APART_S = 2.0
OLDEST_POSTGRESQL = 13
OLDEST_REDIS = 7
"""SET with NX and GET together came with Redis 7."""


async def database(settings: Settings) -> Finding:
    """Reach, schema, latency; on PostgreSQL also version, encoding, clock and whether commits are safe."""
    if settings.database_url is None and not (settings.data_dir / "hub.db").exists():
        return good("database", "SQLite, made at the first start")
    try:
        found = await condition.of(settings.database)
    except HubError as err:
        todo = "is it running, is database_url right, does the server let this machine in?"
        return fault("database", err.hint, todo if settings.database_url else "restore a backup: camera-hub restore")
    said = f"{found.engine} {found.version}, schema {found.revision or 'empty'}, {found.latency_ms:.1f} ms a question"
    if found.revision != migrate.head():
        return _other_schema(found, said)
    if wrong := _wrong_with(found):
        return fault("database", f"{said}; {wrong[0]}", wrong[1])
    if found.latency_ms > SLOW_MS:
        return warning("database", said, "slow: move the database nearer, or look at what else it does")
    return good("database", said)


def _other_schema(found: condition.Condition, said: str) -> Finding:
    if found.newer:
        return fault("database", f"{said}, newer than this program", "install the newer program")
    if found.engine == "PostgreSQL":
        return fault("database", f"{said}; the program needs {migrate.head()}", "back up, then: camera-hub db upgrade")
    return warning("database", f"{said}; {migrate.head()} is made at the next start", "back up before that")


def _wrong_with(found: condition.Condition) -> tuple[str, str] | None:
    """What is wrong and what to do, of a database whose schema fits."""
    unsafe = " and ".join(found.unsafe)
    apart = "this machine's clock went back, or differs from the database's: see `clock`"
    encoding = "make the database anew with ENCODING 'UTF8' and restore into it"
    old = found.engine == "PostgreSQL" and found.major < OLDEST_POSTGRESQL
    wrongs = (
        (found.encoding != "UTF8", f"its encoding is {found.encoding}", encoding),
        (old, "too old", f"PostgreSQL {OLDEST_POSTGRESQL} or newer"),
        (bool(unsafe), f"{unsafe} off", f"set {unsafe} on: what is acknowledged must survive a power cut"),
        (bool(found.damage), f"damaged: {found.damage}", "stop the hub and restore a backup"),
        (found.ahead_s > CLOCKS_APART_S, f"its register was written {found.ahead_s:.0f} s after now", apart),
    )
    return next(((what, todo) for is_so, what, todo in wrongs if is_so), None)


async def redis(settings: Settings) -> Finding:
    """Reach, version, and settings under which Redis would drop what it holds."""
    if settings.redis_url is None:
        return good("redis", "not used: events travel over a Unix socket")
    try:
        found = await channel_redis.condition(settings.redis_url.get_secret_value())
    except HubError as err:
        return fault("redis", err.hint, "start it, or correct redis_url; workers keep their events until it is back")
    said = f"Redis {found.version}, {found.latency_ms:.1f} ms a question"
    if wrong := _loses(found):
        return fault("redis", f"{said}; {wrong[0]}", wrong[1])
    if not found.append_only:
        todo = "appendonly yes: nothing is lost without it (workers send again), but its restart costs a while"
        return warning("redis", f"{said}; it forgets what it holds when it restarts", todo)
    return good("redis", said)


def _loses(found: channel_redis.Condition) -> tuple[str, str] | None:
    """Why this Redis would not do, and what to do."""
    if found.major < OLDEST_REDIS:
        return "too old", f"Redis {OLDEST_REDIS} or Valkey, or leave redis_url empty"
    if found.evicts:
        todo = "maxmemory-policy noeviction: otherwise Redis drops streams the hub has not read"
        return f"it evicts ({found.policy}) beyond {found.most_bytes / 1e6:.0f} MB", todo
    return ("it is a replica", "name the primary in redis_url") if found.replica else None
