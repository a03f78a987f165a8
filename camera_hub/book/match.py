"""Which camera of the registry a row means: by its id, its GB id, its stream, or its name where it has none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from uuid import UUID

from camera_hub.book.addresses import Addresses
from registry.book import Box, Point, Standing
from registry.inputs import invalid

_URLS = ("main_url", "sub_url")


class Known:
    """The cameras and devices that stand, looked up in the ways a row can name them."""

    def __init__(self, standing: Standing) -> None:
        self.boxes: dict[UUID, Box] = {box.id: box for box in standing.boxes}
        self.by_id = {point.id: point for point in standing.points if point.seen}
        self.by_gb_id = {point.values["gb_id"]: point for point in standing.points if point.values["gb_id"]}
        self.by_host: dict[str, list[Box]] = defaultdict(list)
        self._by_url: dict[str, list[Point]] = defaultdict(list)
        self._by_mac: dict[str, Point] = {}
        self.by_name: dict[tuple[str, str], list[Point]] = defaultdict(list)
        for box in standing.boxes:
            self.by_host[box.values["host"].rstrip(".")].append(box)
        for point in self.by_id.values():
            self.by_name[point.village_code, point.values["name"]].append(point)
            for name in _URLS:
                if point.values[name]:
                    self._by_url[point.values[name]].append(point)
            if point.values["probe_mac"]:
                self._by_mac[point.values["probe_mac"]] = point

    def find(self, given: Mapping[str, str], at: Addresses, village_code: str) -> Point | None:
        """The camera a row means, or None for a new one. Raises Invalid when it names one that is not there."""
        if given.get("id"):
            return self._of_id(given["id"])
        gb_id = given.get("gb_id", "")
        if gb_id in self.by_gb_id:
            return self._seen(self.by_gb_id[gb_id])
        streams = {point.id: point for url in at.urls.values() if url for point in self._by_url.get(url, ())}
        if len(streams) > 1:
            raise invalid("id", "stream_twice", "several cameras have this stream; tell which by the column of its id")
        if streams:
            return next(iter(streams.values()))
        mac = given.get("probe_mac", "").lower().replace("-", ":")
        if mac in self._by_mac:
            return self._by_mac[mac]
        return self._of_name(village_code, given.get("name", ""), at)

    def _of_id(self, text: str) -> Point:
        try:
            return self.by_id[UUID(text)]
        except (KeyError, ValueError):
            hint = "no camera of yours has this id; leave the cell empty to add one"
            raise invalid("id", "camera_unknown", hint) from None

    def _seen(self, point: Point) -> Point:
        if point.id not in self.by_id:
            raise invalid("gb_id", "gb_id_taken", "a camera outside your villages has this GB id")
        return point

    def _of_name(self, village_code: str, name: str, at: Addresses) -> Point | None:
        """By its name in its village, where the row or the camera has no stream: with two streams it is another one."""
        found = self.by_name.get((village_code, name), [])
        if not found:
            return None
        told = any(at.urls.values())
        same = [
            one
            for one in found
            if not (told and any(one.values[name] for name in _URLS)) and (not at.host or at.host == self.host_of(one))
        ]
        if len(same) == 1:
            return same[0]
        hint = "the village has a camera of this name; fill in its id to change it, or choose another name"
        raise invalid("name", "name_taken", hint)

    def host_of(self, point: Point) -> str:
        """The address of a camera's device."""
        return str(self.boxes[point.device_id].values["host"]).rstrip(".")
