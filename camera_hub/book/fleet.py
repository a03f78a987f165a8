"""The devices a book speaks of: one for all rows at its address, with what its rows together say of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from pydantic import SecretStr
from uuid_utils.compat import uuid7

from camera_hub.book.addresses import Addresses
from camera_hub.book.match import Known
from registry.address import check_url
from registry.book import OF_A_BOX, Box, BoxOrder, same_password
from registry.devices import NewDevice, UrlPolicy
from registry.errors import FieldError, Invalid
from registry.inputs import invalid, parse
from registry.model import Kind
from registry.vault import Vault

_TOLD = ("type", "vendor", "model", "username", "onvif_port")


@dataclass(slots=True)
class Talk:
    """What the rows say of one device so far: for each field the text and the first row that said it."""

    id: UUID
    old: Box | None
    said: dict[str, tuple[str, int]] = field(default_factory=dict, repr=False)
    rows: list[int] = field(default_factory=list)
    fallback: str = ""
    kinds: set[str] = field(default_factory=set)


class Fleet:
    """Finds the device of each row and gathers what is said of it."""

    def __init__(self, known: Known, names: Mapping[str, set[str]]) -> None:
        self._known = known
        self._names = names
        self._talks: dict[UUID, Talk] = {}
        self._new: dict[tuple[str, str], Talk] = {}

    def of_row(self, row: int, given: Mapping[str, str], at: Addresses, owner: UUID | None) -> Talk:
        """The device of a row: its camera's own (`owner`), else by address and name. Raises Invalid."""
        talk = self._talk_of(self._known.boxes[owner]) if owner is not None else self._by_address(given, at)
        said = {"name": given.get("device", ""), "host": at.host, **{name: given.get(name, "") for name in _TOLD}}
        said["username"] = said["username"] or at.username
        said["password"] = given.get("password", "") or at.password
        if talk.old is not None and talk.old.values["host"].rstrip(".") == said["host"]:
            said["host"] = ""
        for name, text in said.items():
            first, number = talk.said.get(name, (text, row))
            if text and text != first:
                column = "device" if name == "name" else name
                hint = f"row {number} says otherwise of the same device"
                raise Invalid(hint, FieldError(column, "device_differs", hint), row=number)
        talk.said |= {name: (text, row) for name, text in said.items() if text and name not in talk.said}
        talk.rows.append(row)
        talk.kinds.add(given.get("kind", ""))
        talk.fallback = talk.fallback or given.get("name", "")
        return talk

    def _talk_of(self, box: Box) -> Talk:
        return self._talks.setdefault(box.id, Talk(box.id, box))

    def _by_address(self, given: Mapping[str, str], at: Addresses) -> Talk:
        if not at.host:
            raise invalid("host", "missing", "give the device's address, or a stream's")
        name = given.get("device", "")
        there = self._known.by_host.get(at.host, [])
        named = [box for box in there if box.values["name"] == name] if name else there
        if len(named) > 1 or (not name and len(self._names.get(at.host, ())) > 1):
            raise invalid(
                "device", "device_ambiguous", "several devices are at this address; name the one that is meant"
            )
        if named:
            return self._talk_of(named[0])
        key = (at.host, name or next(iter(self._names.get(at.host, ())), ""))
        if key not in self._new:
            self._new[key] = Talk(uuid7(), None)
        return self._new[key]

    def talks(self) -> Iterable[Talk]:
        """All devices rows speak of."""
        return (*self._talks.values(), *self._new.values())


def order_of(talk: Talk, vault: Vault, policy: UrlPolicy) -> BoxOrder | None:
    """What the rows make of a device, None where nothing changes. Raises Invalid."""
    said = {name: text for name, (text, _row) in talk.said.items()}
    password = said.pop("password", "")
    if talk.old is None:
        several = "nvr" if len(talk.rows) > 1 else "camera"
        kind = "wifi_probe" if talk.kinds == {Kind.WIFI_PROBE.value} else several
        said = {"name": talk.fallback, "type": kind, **said}
        old: Mapping[str, Any] = {}
    else:
        old = talk.old.values
    try:
        new = parse(NewDevice, {**old, **said, **({"password": password} if password else {})})
    except Invalid as error:
        # A box's own name stands in the column of the device.
        fields = (replace(one, path="device") if one.path == "name" else one for one in error.fields)
        raise Invalid(error.hint, *fields) from None
    shown = f"[{new.host}]" if ":" in new.host else new.host
    check_url(f"rtsp://{shown}/", allow_loopback=policy.allow_loopback, field="host")
    values = {name: getattr(new, name) for name in OF_A_BOX} | {"type": new.type.value}
    if talk.old is not None and password and values["host"] == old["host"] and same_password(vault, talk.old, password):
        password = ""
    if talk.old is not None and values == dict(old) and not password:
        return None
    if talk.old is not None and not talk.old.whole:
        raise invalid("host", "out_of_scope", "the device has cameras outside your villages; ask an administrator")
    return BoxOrder(Box(talk.id, values), talk.old, SecretStr(password) if password else None)
