"""Judges a book's rows against what stands: which camera each means, what it would change, what is wrong with it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from camera_hub.book import placing
from camera_hub.book.addresses import Addresses, addresses_of
from camera_hub.book.bad import Bad, of_error
from camera_hub.book.entries import Entries, Entry
from camera_hub.book.fleet import Fleet, Talk, order_of
from camera_hub.book.match import Known
from camera_hub.book.plan import Action, Outcome, Plan
from camera_hub.book.position import Ground, position_of, same_place
from camera_hub.book.villages import Villages
from registry import book, placement
from registry.book import BoxOrder, Orders, Point, PointOrder, Standing
from registry.devices import UrlPolicy
from registry.errors import FieldError, Invalid
from registry.inputs import invalid, parse
from registry.vault import Vault
from registry.viewpoint import NewCamera, check_kind, clean_urls

_TEXTS = ("manager_unit", "owner_name", "owner_contact", "probe_mac", "note", "hamlet", "address", "pole")
_DEGREES = ("bearing_deg", "view_angle_deg")
_RECORDED = ("record_mode", "record_stream", "record_days", "event_days")
_CHOICES = ("tier", "enabled")
_KNOWN_BY = ("id", "gb_id", "sub_url", "main_url", "channel", "probe_mac", "name")
_AUTO = ("auto", "自动")


@dataclass(slots=True)
class _Draft:
    """A row that is good so far."""

    entry: Entry
    point: Point
    old: Point | None
    talk: Talk
    make_gb_id: bool


@dataclass(slots=True)
class _Seen:
    """What earlier rows took, and which row it was."""

    rows: dict[tuple[str, ...], int] = field(default_factory=dict)

    def take(self, row: int, column: str, *key: str) -> None:
        """Raise Invalid when an earlier row has it."""
        first = self.rows.setdefault(key, row)
        if first != row:
            hint = f"row {first} has the same"
            raise Invalid(hint, FieldError(column, "repeated", hint), row=first)


class Judge:
    """One book against one standing. Not to be used twice."""

    def __init__(self, standing: Standing, vault: Vault, policy: UrlPolicy) -> None:
        self._standing = standing
        self._vault = vault
        self._policy = policy
        self._known = Known(standing)
        self._villages = Villages(standing.places)
        self._ground = Ground(standing)
        self._seen = _Seen()
        self._bad: list[Bad] = []

    def judge(self, book_rows: Entries, tell: Callable[[int], None] = lambda _done: None) -> Plan:
        """Every row's outcome; `tell` is called with how many rows are judged."""
        self._headings = book_rows.header.headings
        fleet = Fleet(self._known, _names_by_host(book_rows))
        drafts: list[_Draft] = []
        for done, entry in enumerate(book_rows.entries, start=1):
            try:
                drafts.append(self._draft(entry, fleet))
            except Invalid as error:
                self._refuse(entry, error)
            if done % 100 == 0:
                tell(done)
        drafts, boxes = self._with_boxes(drafts, fleet)
        tell(len(book_rows.entries))
        return self._plan(book_rows, drafts, boxes)

    def _refuse(self, entry: Entry, error: Invalid) -> None:
        self._bad += of_error(entry.row, self._headings, entry.given, error)

    def _draft(self, entry: Entry, fleet: Fleet) -> _Draft:
        given = entry.given
        self._require_all(given)
        village = self._village(given)
        at = addresses_of(given, "", given.get("vendor", ""))
        old = self._known.find(given, at, village)
        if old is not None:
            known_by = next(name for name in _KNOWN_BY if given.get(name))
            self._seen.take(entry.row, known_by, "camera", str(old.id))
            box = self._known.boxes[old.device_id]
            at = addresses_of(given, self._known.host_of(old), given.get("vendor") or box.values["vendor"])
        new = parse(NewCamera, self._fields(given, village, at, old))
        values = self._values(given, new, old, village)
        gb_id = given.get("gb_id", "")
        if old is None and values["kind"] != "wifi_probe" and not (values["main_url"] or values["sub_url"]):
            raise invalid("sub_url", "no_stream", "give the stream's address, or the maker and a channel")
        self._take_names(entry, values, village, old)
        talk = fleet.of_row(entry.row, given, at, old.device_id if old else None)
        before = placement.BLANK if old is None else old.placed
        placed = placing.settled(self._standing.law.placement, new.kind, before, given)
        point = Point(old.id if old else uuid7(), talk.id, village, values, placed)
        return _Draft(entry, point, old, talk, gb_id.casefold() in _AUTO and not values["gb_id"])

    def _require_all(self, given: Mapping[str, str]) -> None:
        missing = [name for name in ("name", "kind") if not given.get(name)]
        if missing:
            raise Invalid("missing", *(FieldError(name, "missing", "this is needed") for name in missing))

    def _village(self, given: Mapping[str, str]) -> str:
        code = self._villages.code_of(given)
        if isinstance(code, FieldError):
            raise Invalid(code.hint, code)
        if not self._standing.scope.covers(code):
            column = "village_code" if given.get("village_code") else "village"
            raise invalid(column, "out_of_scope", f"{code} is outside your villages; ask an administrator")
        return code

    def _fields(self, given: Mapping[str, str], village: str, at: Addresses, old: Point | None) -> dict[str, Any]:
        """What NewCamera is made of: what stands, with what the row says over it. An empty cell empties a field."""
        fields: dict[str, Any] = {} if old is None else {**old.values}
        for name in ("lat", "lon", "coord_source", "gb_id"):
            fields.pop(name, None)
        if old is not None and given["kind"] != old.values["kind"]:
            raise invalid("kind", "kind_fixed", "a camera's kind stays: remove it and add it anew")
        fields |= {"device_id": old.device_id if old else UUID(int=0), "village_code": village}
        fields |= {"name": given["name"], "kind": given["kind"]}
        fields |= {name: given[name] for name in _TEXTS if name in given}
        fields |= {name: given[name] or None for name in (*_DEGREES, *_RECORDED) if name in given}
        fields |= {name: given[name] for name in _CHOICES if given.get(name)}
        fields |= {name: None for name in ("main_url", "sub_url") if name in given}
        fields |= at.urls
        gb_id = given.get("gb_id", "")
        held = old.values["gb_id"] if old else None
        if gb_id and gb_id.casefold() not in _AUTO and gb_id != held:
            if held:
                raise invalid("gb_id", "gb_id_fixed", f"the camera has the GB id {held}; it stays")
            fields["gb_id"] = gb_id
        return fields

    def _values(self, given: Mapping[str, str], new: NewCamera, old: Point | None, village: str) -> dict[str, Any]:
        values = new.model_dump(mode="json", exclude={"device_id", "village_code", "datum"})
        values["gb_id"] = values["gb_id"] or (old.values["gb_id"] if old else None)
        clean_urls(values, self._policy)
        where: dict[str, Any] = {"lat": None, "lon": None, "coord_source": ""}
        if old is not None:
            where = {name: old.values[name] for name in where}
        if "lat" in given and "lon" in given:
            position = position_of(given["lat"], given["lon"], given.get("datum", ""))
            if position is None:
                where = {"lat": None, "lon": None, "coord_source": ""}
            elif not same_place(position.lat, position.lon, (where["lat"], where["lon"])):
                self._ground.check(position, village)
                where = {"lat": position.lat, "lon": position.lon, "coord_source": position.source}
        values |= where
        check_kind(new.kind, values)
        book.check_days_of(self._standing.law, values, old)
        return {name: values[name] for name in book.OF_A_POINT}

    def _take_names(self, entry: Entry, values: Mapping[str, Any], village: str, old: Point | None) -> None:
        """What a row brings anew no other row may bring; what stands twice in the registry stays as it is."""
        held = old.values if old else {}
        if (village, values["name"]) != (old.village_code if old else None, held.get("name")):
            self._seen.take(entry.row, "name", "name", village, values["name"])
        for name in ("main_url", "sub_url", "gb_id", "probe_mac"):
            if values[name] and values[name] != held.get(name):
                column = name if entry.given.get(name) else "channel"
                self._seen.take(entry.row, column, name.removeprefix("main_").removeprefix("sub_"), values[name])

    def _with_boxes(self, drafts: list[_Draft], fleet: Fleet) -> tuple[list[_Draft], dict[UUID, BoxOrder]]:
        """The devices' orders, and the rows whose device is good and at whose address their streams are."""
        orders: dict[UUID, BoxOrder] = {}
        hosts: dict[UUID, str] = {}
        wrong: dict[UUID, Invalid] = {}
        good = {draft.entry.row for draft in drafts}
        for talk in fleet.talks():
            if not good.intersection(talk.rows):
                continue
            try:
                order = order_of(talk, self._vault, self._policy)
            except Invalid as error:
                wrong[talk.id] = error
                continue
            if order is not None:
                orders[talk.id] = order
            values = order.box.values if order else talk.old.values if talk.old else {}
            hosts[talk.id] = values.get("host", "")
        kept: list[_Draft] = []
        for draft in drafts:
            try:
                if draft.talk.id in wrong:
                    raise wrong[draft.talk.id]
                book.check(draft.point, hosts[draft.talk.id])
            except Invalid as error:
                self._refuse(draft.entry, error)
            else:
                kept.append(draft)
        used = {draft.talk.id for draft in kept}
        return kept, {identity: order for identity, order in orders.items() if identity in used}

    def _plan(self, book_rows: Entries, drafts: list[_Draft], boxes: dict[UUID, BoxOrder]) -> Plan:
        outcomes: list[Outcome] = []
        points: list[PointOrder] = []
        for draft in drafts:
            changed = tuple(book.differing(draft.old, draft.point)) if draft.old else ()
            changed += ("gb_id",) if draft.old and draft.make_gb_id else ()
            changed += tuple(book.differing_placed(draft.old, draft.point)) if draft.old else ()
            if draft.old is None or changed:
                points.append(PointOrder(draft.point, draft.old, draft.make_gb_id))
            order = boxes.get(draft.talk.id)
            changed += _changed_box(order) if draft.old and order else ()
            action = Action.ADD if draft.old is None else Action.CHANGE if changed else Action.UNCHANGED
            identity = draft.old.id if draft.old else None
            name = draft.point.values["name"]
            outcomes.append(Outcome(draft.entry.row, action, name, draft.point.village_code, identity, changed))
        added = sum(order.old is None for order in boxes.values())
        bad = sorted((*book_rows.bad, *self._bad), key=lambda one: one.row)
        orders = Orders(tuple(boxes.values()), tuple(points))
        return Plan(tuple(outcomes), tuple(bad), added, len(boxes) - added, self._standing.mark, orders)


def _changed_box(order: BoxOrder) -> tuple[str, ...]:
    if order.old is None:
        return ("device",)
    fields = [name for name in book.OF_A_BOX if order.box.values[name] != order.old.values[name]]
    named = ["device" if name == "name" else name for name in fields]
    return tuple(named + (["password"] if order.password else []))


def _names_by_host(book_rows: Entries) -> Mapping[str, set[str]]:
    """The names rows give the devices at each address."""
    names: dict[str, set[str]] = defaultdict(set)
    for entry in book_rows.entries:
        if entry.given.get("device"):
            try:
                host = addresses_of(entry.given, "", entry.given.get("vendor", "")).host
            except Invalid:
                continue  # the row is refused, with the reason, when it is judged
            names[host].add(entry.given["device"])
    return names
