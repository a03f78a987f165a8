"""The API against its own description: schemathesis sends what the OpenAPI allows and forbids, to a real hub on a real port.

No answer may be a 5xx, of an undescribed status or type, or of another shape than described; what the description
forbids must be refused. Examples are the same in each run.
"""

from __future__ import annotations

import asyncio
import dataclasses
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

import pytest
import requests
import schemathesis
from aiohttp import web
from hypothesis import HealthCheck, Phase, assume, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks
from yarl import URL

from api import description, make_app
from camera_hub.hub import Hub
from registry.model import Role

from .conftest import VILLAGE, County, World, settings_for
from .things import Things, of_hub, of_person, of_place

EXAMPLES = 12
CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]


def without_proofs(document: dict[str, Any]) -> dict[str, Any]:
    """The description without what proves who asks (its own tests are in test_auth): each request sends good proofs."""
    for operations in document["paths"].values():
        for operation in operations.values():
            operation["parameters"] = [one for one in operation["parameters"] if one["in"] != "header"]
            operation["security"] = []
    return document


def without_pairs(part: Any) -> Any:
    """The same, a pair of numbers said as two items of one kind: schemathesis turns `prefixItems` into a form that its own
    validator of answers refuses."""
    if isinstance(part, list):
        return [without_pairs(one) for one in part]
    if not isinstance(part, dict):
        return part
    rest = {name: without_pairs(one) for name, one in part.items() if name != "prefixItems"}
    kinds = part.get("prefixItems", [])
    if kinds and kinds == kinds[:1] * len(kinds):
        return rest | {"items": kinds[0], "minItems": len(kinds), "maxItems": len(kinds)}
    return rest | ({"prefixItems": kinds} if kinds else {})


SCHEMA = schemathesis.openapi.from_dict(without_pairs(without_proofs(description())))
OPERATIONS = {
    operation.label: operation
    for found in SCHEMA.get_all_operations()
    if "/stream" not in (operation := found.ok()).path
}
PROBES = {
    "POST /api/v1/trials",
    "POST /api/v1/devices/find",
    "POST /api/v1/devices/onvif",
    "POST /api/v1/devices/{device_id}/test",
    "POST /api/v1/devices/{device_id}/trials",
}
"""They ask whatever address they are given: tested on real devices elsewhere, here only that they refuse what is wrong."""


def padded(value: object) -> bool:
    """Whether a text in a body begins or ends with white space: the hub takes that off, which a schema cannot say."""
    if isinstance(value, dict):
        return any(padded(item) for item in value.values())
    if isinstance(value, list):
        return any(padded(item) for item in value)
    return isinstance(value, str) and value != value.strip()


def asked_for() -> Iterator[tuple[str, GenerationMode]]:
    """Each route, with what it allows, and with what it forbids where there is anything to get wrong."""
    for label, operation in OPERATIONS.items():
        if label not in PROBES:
            yield label, GenerationMode.POSITIVE
        told = any(one.media_type == "application/json" for one in operation.body)
        if told or operation.query or operation.path_parameters:
            yield label, GenerationMode.NEGATIVE


class Live:
    """A hub on a port of its own, in a thread of its own, and what an administrator's program sends along."""

    def __init__(self, data_dir: Path, county: County) -> None:
        self._data_dir, self._county = data_dir, county
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._serve(),), name="hub")
        self.url = ""
        self.headers: dict[str, str] = {}
        self.things = Things()

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(60)
        assert self.headers
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join(30)
        self._loop.close()

    async def _serve(self) -> None:
        self._stop = asyncio.Event()
        try:
            async with Hub.running(settings_for(self._data_dir), watch=False) as hub:
                runner = web.AppRunner(make_app(hub), access_log=None)
                await runner.setup()
                site = web.TCPSite(runner, "127.0.0.1", 0)
                await site.start()
                self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
                await self._prepare(hub)
                self._ready.set()
                await self._stop.wait()
                await runner.cleanup()
        finally:
            self._ready.set()

    async def _prepare(self, hub: Hub) -> None:
        """One of each thing a path may name, an administrator's, and a purpose to look under."""
        world = World(hub, self, dataclasses.replace(self._county, cameras=dict(self._county.cameras)))  # type: ignore[arg-type] # only asked for addresses
        admin, spare = [await world.client(Role.ADMIN) for _ in range(2)]
        self.things = await of_place(world, admin, VILLAGE)
        self.things.ids |= await of_hub(admin, world) | await of_person(admin, spare, self.things)
        secret = (await admin.post("/api/v1/tokens", {"name": "schemathesis"}))["secret"]
        kept = await admin.post("/api/v1/purposes", {"kind": "patrol", "reason": "test"})
        self.headers = {"Authorization": f"Bearer {secret}", "X-Purpose": kept["id"]}
        await world.close()

    def make_url(self, path: str) -> URL:
        """As aiohttp's test server has it."""
        return URL(self.url + path)


@pytest.fixture(scope="module")
def live(template: tuple[Path, County], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    folder, county = template
    data_dir = tmp_path_factory.mktemp("live") / "data"
    shutil.copytree(folder, data_dir)
    with Live(data_dir, county) as running:
        yield running


@pytest.mark.parametrize(("label", "mode"), list(asked_for()))
def test_the_api_keeps_to_its_description(live: Live, label: str, mode: GenerationMode) -> None:
    operation = OPERATIONS[label]
    known = live.things.of(operation.path)
    told = [one for one in operation.body if one.media_type == "application/json"]  # of a file, any bytes are allowed
    if mode is GenerationMode.NEGATIVE and not (told or operation.query):
        known = {}  # else there is nothing left to get wrong
    asked = [*CHECKS, checks.negative_data_rejection] if mode is GenerationMode.NEGATIVE else CHECKS
    http = requests.Session()

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(mode, path_parameters=known or None))
    def keeps(case: Any) -> None:
        assume(not padded(case.body))
        case.call_and_validate(base_url=live.url, headers=live.headers, session=http, checks=asked, timeout=30)

    with http:
        keeps()
