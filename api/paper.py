"""What is printed: the form of a consent and the receipt of its withdrawal, one A4 page each, in the words signed.

Opened in a browser of the hub's page, a paper takes its style from a file (the content policy allows no other); a copy
that an owner keeps carries it.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, tzinfo
from html import escape
from pathlib import Path
from uuid import UUID

import segno
from aiohttp import web

from api.visitor import Visitor
from registry import cameras, consents
from registry.consents.texts import Text, text_of
from registry.errors import NotFound
from registry.model import Camera, Consent
from registry.scope import Scope
from registry.store import Store
from registry.withdrawals import Kept, Receipt

STYLE = Path(__file__).parent / "forms" / "paper.css"
_LINK = '<link rel="stylesheet" href="/forms/paper.css">'


@dataclass(frozen=True, slots=True)
class Place:
    """Where the hub is: its address, its local time, whom owners reach."""

    address: str
    tz: tzinfo
    contact: str
    text: str

    def page(self, token: str) -> str:
        """The owner's page; what proves his right stands in the fragment, which no browser sends."""
        return f"{self.address}/owner.html#{token}"


@dataclass(frozen=True, slots=True)
class Facts:
    """What a form is about."""

    consent: Consent
    camera: Camera


def place_of(visitor: Visitor) -> Place:
    """The hub as the request reaches it, unless the settings say where people do."""
    settings, store = visitor.hub.settings, visitor.hub.store
    address = settings.public_url or str(visitor.request.url.origin())
    return Place(address, store.tz, settings.contact, store.policy.consent.text)


async def facts_of(store: Store, consent_id: UUID, scope: Scope) -> Facts:
    """What a consent's form says. Raises NotFound outside the scope, for a removed camera, and for unknown wording."""
    consent = await consents.get(store, consent_id, scope)
    text_of(consent.text_version)
    return Facts(consent, await cameras.get(store, consent.camera_id, scope))


def form(about: Facts, place: Place, token: str) -> str:
    """The form as an HTML page without style."""
    consent, camera = about.consent, about.camera
    text = text_of(consent.text_version)
    words = text.labels
    where = " ".join(part for part in (camera.village_name, camera.hamlet, camera.address) if part)
    ticks = "".join(
        f'<div><span class="box">{"✓" if scope in consent.scopes else ""}</span>{escape(said)}</div>'
        for scope, said in text.scopes.items()
    )
    masks = words["masks_count"].format(count=len(consent.masks)) if consent.masks else words["no_masks"]
    rows = _rows(
        (words["owner"], consent.owner_name),
        (words["camera"], camera.name),
        (words["place"], where),
        (words["purpose"], consent.purpose or text.purpose),
        (words["hours"], _hours(consent, text)),
        (words["masks"], masks),
        (words["valid"], _valid(consent, text, place.tz)),
        (words["unit"], camera.manager_unit),
        (words["contact"], place.contact),
    )
    clauses = "".join(f"<li>{escape(clause)}</li>" for clause in text.clauses)
    signed = "" if consent.signed_at is None else _day(consent.signed_at, place.tz)
    return _page(
        text,
        text.title,
        f'<div class="top"><div><p>{escape(text.intro)}</p></div>'
        f'<div class="code">{code(place.page(token))}<br>{escape(words["scan"])}</div></div>'
        f"<table>{rows}<tr><th>{escape(words['scopes'])}</th><td>{ticks}</td></tr></table><ol>{clauses}</ol>"
        f'<div class="sign"><p>{escape(words["signature"])}</p><p>{escape(words["officer"])}</p>'
        f"<p>{escape(words['date'])} {signed}</p></div>"
        f'<p class="small">{escape(words["number"])} {consent.id} · {escape(words["text"])} {consent.text_version}</p>',
    )


def receipt(given: Receipt, place: Place) -> str:
    """The receipt as an HTML page without style, in the words that were signed or, where those are lost, today's."""
    try:
        text = text_of(given.text_version)
    except NotFound:
        text = text_of(place.text)
    words, labels = text.receipt, text.labels

    def yes(what: str, *, done: bool) -> str:
        return words[f"{what}_yes" if done else f"{what}_no"]

    rows = _rows(
        (words["number"], given.number),
        (labels["owner"], given.owner_name),
        (labels["camera"], f"{given.village_name} {given.camera_name}"),
        (words["at"], f"{given.at.astimezone(place.tz):%Y-%m-%d %H:%M:%S}"),
        (words["by"], words["by_owner" if given.by_owner else "by_officer"]),
        (words["stopped"], yes("stopped", done=given.stopped)),
        (words["credentials"], yes("credentials", done=given.credentials)),
        (words["purged"], _kept(given.purged, text)),
        (words["left"], words["none"] if given.left is None else _left(given, given.left, text, place.tz)),
        (words["purge_by"], "" if given.purge_by is None else _day(given.purge_by, place.tz)),
        (labels["contact"], place.contact),
    )
    return _page(text, words["title"], f"<table>{rows}</table>")


def _left(given: Receipt, left: Kept, text: Text, tz: tzinfo) -> str:
    kept = _kept(left, text)
    return (
        kept if given.held_until is None else f"{kept}；{text.receipt['held'].format(until=_day(given.held_until, tz))}"
    )


def _kept(kept: Kept, text: Text) -> str:
    return text.receipt["kept"].format(**asdict(kept))


def shown(body: str) -> web.Response:
    """A paper, to be looked at and printed."""
    return web.Response(text=body.replace("</head>", _LINK + "</head>"), content_type="text/html")


def kept(body: str, name: str) -> web.Response:
    """A paper, to be saved: it is never shown by the hub."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return web.Response(text=whole(body), content_type="text/html", headers=headers)


def whole(body: str) -> str:
    """A paper as a file that needs nothing else."""
    style = f"<style>{STYLE.read_text(encoding='utf-8')}</style>"
    return body.replace("</head>", style + "</head>")


def mount(app: web.Application) -> None:
    """Serve the style of papers."""

    async def style(_request: web.Request) -> web.FileResponse:
        return web.FileResponse(STYLE, headers={"Cache-Control": "no-cache"})

    app.router.add_get("/forms/paper.css", style)


def _page(text: Text, title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="{escape(text.lang)}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta name="referrer" content="no-referrer">'
        f"<title>{escape(title)}</title></head><body><h1>{escape(title)}</h1>{body}</body></html>"
    )


def _rows(*rows: tuple[str, str]) -> str:
    return "".join(f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in rows)


def code(address: str, *, alone: bool = False) -> str:
    """A QR code of an address, as SVG that is as large as its place; `alone`: a document of its own."""
    made = io.BytesIO()
    segno.make(address, error="m").save(made, kind="svg", xmldecl=False, svgns=alone, omitsize=True, border=2)
    return made.getvalue().decode()


def _hours(consent: Consent, text: Text) -> str:
    if consent.from_minute is None or consent.to_minute is None:
        return text.labels["all_day"]
    return "–".join(_clock((consent.from_minute, consent.to_minute)))


def _clock(minutes: Iterable[int]) -> list[str]:
    return [f"{minute // 60:02}:{minute % 60:02}" for minute in minutes]


def _valid(consent: Consent, text: Text, tz: tzinfo) -> str:
    begins = _day(consent.valid_from, tz)
    if consent.valid_to is None:
        return text.labels["from"].format(**{"from": begins})
    return text.labels["from_to"].format(**{"from": begins, "to": _day(consent.valid_to, tz)})


def _day(at: datetime, tz: tzinfo) -> str:
    return f"{at.astimezone(tz):%Y-%m-%d}"
