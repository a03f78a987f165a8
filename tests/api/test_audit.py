"""The register over HTTP: read, summed, reported, proved and taken along; and each reading on record."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta

from registry.audit.chain import read_export
from registry.model import PurposeKind, Role

from .conftest import World

API = "/api/v1"


async def test_reading_summing_and_proving(world: World) -> None:
    admin, officer = await world.client(Role.ADMIN), await world.client(Role.OFFICER, PurposeKind.CASE)
    camera = world.county.cameras["gate"]
    await officer.get(f"{API}/events")
    await officer.get(f"{API}/cameras/{camera}/recordings?from={at(-2)}&to={at(-1)}")

    shown = await admin.get(f"{API}/audit?sort=playback&camera={camera}")
    (row,) = shown["rows"]
    assert (row["action"], row["no"] > 0, row["consent_versions"]) == ("recording.list", True, [])
    assert str(camera) in shown["cameras"]
    days = (await admin.get(f"{API}/audit/days"))["days"]
    assert sum(day["by_sort"].get("search", 0) for day in days) == 1
    (looked,) = (await admin.get(f"{API}/audit/looks?camera={camera}"))["looks"]
    assert (looked["user"], looked["by_sort"]) == (row["user"], {"playback": 1})
    report = await admin.get(f"{API}/audit/misuse")
    assert (report["findings"], report["rows"]) == ([], 2)

    chain = await admin.get(f"{API}/audit/chain")
    assert (chain["no"] > 0, chain["keep_years"], chain["anchors"]) == (True, 3, [])
    proof = await admin.ask("POST", f"{API}/audit/verify", raw=True)
    told = [json.loads(line) for line in proof.body.splitlines()]
    assert (told[-1]["done"], told[-1]["broken"], told[-1]["rows"] > 0) == (True, None, True)
    done = [one["action"] for one in (await admin.get(f"{API}/audit?limit=5"))["rows"]]
    assert done == ["audit.verify", "audit.misuse", "audit.looks", "audit.count", "audit.read"]


async def test_files(world: World) -> None:
    admin = await world.client(Role.AUDITOR)
    whole = (await admin.ask("GET", f"{API}/audit/export?format=jsonl", raw=True)).body
    found, fits = read_export(io.BytesIO(whole), [])
    assert (found.broken, fits, found.selection) == (None, True, False)
    answer = await admin.ask("GET", f"{API}/audit/export?language=en", raw=True)
    table = list(csv.reader(io.StringIO(answer.body.decode("utf-8-sig"))))
    assert (table[0][0], table[-4][6], table[-2]) == ("No", "audit.export", ["Chain", "holds"])
    assert b"def digest" in (await admin.ask("GET", f"{API}/audit/verifier", raw=True)).body


async def test_bad_questions(world: World) -> None:
    admin = await world.client(Role.ADMIN)
    camera = world.county.cameras["gate"]
    for query in ("/looks", f"/looks?user=li&camera={camera}", "/days?since=2026-01-01T00:00:00Z&until=2026-12-01T00:00:00Z",
                  "/export?format=xlsx", "?sort=stare", "?cursor=0", "?since=1", "/misuse?since=2026-01-02T00:00:00Z&until=2026-01-01T00:00:00Z"):  # fmt: skip
        assert (await admin.ask("GET", f"{API}/audit{query}")).status == 422, query


def at(hours: float) -> str:
    return (datetime.now(UTC) + timedelta(hours=hours)).isoformat(timespec="seconds").replace("+00:00", "Z")
