"""The map of a report as SVG: cameras, the numbered bookmarks, the scene; no tiles, and nothing from elsewhere.

Equirectangular around the middle: within a county that is true to some metres.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from html import escape

from registry.bookmarks import MarkedUpload
from registry.evidence.story import Story

_WIDTH, _HEIGHT, _EDGE = 720, 420, 40
_DEGREE_M = 111_320.0
_LEAST_M = 200.0
_STEPS_M = (50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000)


@dataclass(frozen=True, slots=True)
class _Frame:
    lat: float
    lon: float
    scale: float

    def at(self, lat: float, lon: float) -> tuple[float, float]:
        east = (lon - self.lon) * _DEGREE_M * math.cos(math.radians(self.lat))
        north = (lat - self.lat) * _DEGREE_M
        return round(_WIDTH / 2 + east * self.scale, 1), round(_HEIGHT / 2 - north * self.scale, 1)


def svg(story: Story, told: Callable[[MarkedUpload], str]) -> str:
    """The map; empty where nothing of it has a position. `told` names what was sent in."""
    given = {one.upload.id: one.upload for one in story.bookmarks if one.upload is not None}
    points = [(one.camera.lat, one.camera.lon) for one in story.cameras]
    points += [(one.lat, one.lon) for one in given.values()]
    where = [(lat, lon) for lat, lon in points if lat is not None and lon is not None]
    if story.reported is not None:
        where.append((story.reported.lat, story.reported.lon))
    if not where:
        return ""
    frame = _framed(where)
    numbers: dict[object, list[int]] = {}
    for number, one in enumerate(story.bookmarks, start=1):
        numbers.setdefault(one.camera_id if one.upload is None else one.upload.id, []).append(number)
    drawn = []
    for looked in story.cameras:
        camera = looked.camera
        if camera.lat is None or camera.lon is None:
            continue
        x, y = frame.at(camera.lat, camera.lon)
        fill = "#1d4f96" if looked.looks else "#ffffff"
        drawn.append(f'<circle cx="{x}" cy="{y}" r="4.5" fill="{fill}" stroke="#1d4f96" stroke-width="1.5"/>')
        if camera.bearing_deg is not None:
            turn = math.radians(camera.bearing_deg)
            ahead = round(x + 14 * math.sin(turn), 1), round(y - 14 * math.cos(turn), 1)
            drawn.append(f'<path d="M{x} {y}L{ahead[0]} {ahead[1]}" stroke="#1d4f96" stroke-width="1.5"/>')
        said = " ".join(f"#{number}" for number in numbers.get(camera.id, ()))
        label = f'{escape(camera.name)} <tspan font-weight="bold">{said}</tspan>'
        drawn.append(f'<text x="{x + 7}" y="{y + 4}" font-size="10">{label}</text>')
    for upload in given.values():
        if upload.lat is None or upload.lon is None:
            continue
        x, y = frame.at(upload.lat, upload.lon)
        said = " ".join(f"#{number}" for number in numbers[upload.id])
        drawn.append(f'<rect x="{x - 4.5}" y="{y - 4.5}" width="9" height="9" fill="#1d4f96"/>')
        label = f'{escape(told(upload))} <tspan font-weight="bold">{said}</tspan>'
        drawn.append(f'<text x="{x + 8}" y="{y + 4}" font-size="10">{label}</text>')
    if story.reported is not None:
        x, y = frame.at(story.reported.lat, story.reported.lon)
        cross = f"M{x - 6} {y - 6}l12 12M{x - 6} {y + 6}l12 -12"
        drawn.append(f'<path d="{cross}" stroke="#b3261e" stroke-width="2.5"/>')
        drawn.append(f'<text x="{x + 9}" y="{y - 6}" font-size="11" fill="#b3261e">案发地</text>')
    return (
        f'<svg class="map" viewBox="0 0 {_WIDTH} {_HEIGHT}" xmlns="http://www.w3.org/2000/svg" role="img">'
        f"<title>示意图</title>{''.join(drawn)}{_scale(frame)}"
        f'<text x="{_WIDTH - 30}" y="24" font-size="12">北 ↑</text></svg>'
    )


def _framed(where: list[tuple[float, float]]) -> _Frame:
    lats, lons = [lat for lat, _ in where], [lon for _, lon in where]
    lat, lon = (min(lats) + max(lats)) / 2, (min(lons) + max(lons)) / 2
    wide = max((max(lons) - min(lons)) * _DEGREE_M * math.cos(math.radians(lat)), _LEAST_M)
    high = max((max(lats) - min(lats)) * _DEGREE_M, _LEAST_M)
    return _Frame(lat, lon, min((_WIDTH - 4 * _EDGE) / wide, (_HEIGHT - 2 * _EDGE) / high))


def _scale(frame: _Frame) -> str:
    metres = max((one for one in _STEPS_M if one * frame.scale <= _WIDTH / 4), default=_STEPS_M[0])
    long, y = round(metres * frame.scale, 1), _HEIGHT - 14
    said = f"{metres} 米" if metres < 1000 else f"{metres // 1000} 公里"  # noqa: PLR2004 - metres of a kilometre
    bar = f'<path d="M20 {y}h{long}" stroke="#000" stroke-width="2"/>'
    return f'{bar}<text x="20" y="{y - 5}" font-size="10">{said}</text>'
