"""The side of whoever sends something in: by a link, without an account, some files for one request.

A link proves nothing but that it was handed out: it reaches its own request, takes some files, and tells what became of
them. What cannot be found, was revoked or forged is one answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from uuid_utils.compat import uuid7

from registry import audit
from registry.canvass.asking import hash_of
from registry.canvass.links import ARRIVED, LinkState, link_state
from registry.columns import AnyRow
from registry.errors import Conflict, NotFound
from registry.model import Actor, Role, User
from registry.store import Store
from registry.tables import cameras, canvass_entries, cases, clip_requests, uploads
from registry.uploads.given import MOST_FILES, AskedClip, GivenUpload, Giving, NewUpload, given
from registry.uploads.model import UploadState

_TOKEN = re.compile(r"[A-Za-z0-9_-]{32}")
_LINKED = (
    sa.select(
        clip_requests,
        ARRIVED,
        canvass_entries.c.name.label("entry_name"),
        cameras.c.id.label("camera_id"),
        cameras.c.name.label("camera_name"),
        cases.c.number.label("case_number"),
        cases.c.closed_at,
        cases.c.expires_at.label("case_expires_at"),
    )
    .join(canvass_entries, canvass_entries.c.no == clip_requests.c.entry_no)
    .join(cases, cases.c.no == canvass_entries.c.case_no)
    .outerjoin(cameras, cameras.c.no == canvass_entries.c.camera_no)
)


async def _row(conn: AsyncConnection, token: str, *, lock: bool = False) -> AnyRow:
    void = NotFound("the link is not valid any more; ask for a new one", code="clip_link")
    if _TOKEN.fullmatch(token) is None:
        raise void
    here = clip_requests.c.token_hash == hash_of(token)
    if lock:  # first, and by itself: what is read after it is what whoever held it left
        await conn.execute(sa.select(clip_requests.c.no).where(here).with_for_update())
    row = (await conn.execute(_LINKED.where(here))).one_or_none()
    if row is None or (row.revoked_at is not None and not row.files):
        raise void
    return row


async def _open(conn: AsyncConnection, token: str, now: datetime, *, lock: bool = False) -> AnyRow:
    """A link that still takes something. Raises NotFound, Conflict (clip_link_used, clip_link_expired).

    `lock`: whoever else begins or ends something on it waits until this transaction is over.
    """
    row = await _row(conn, token, lock=lock)
    if link_state(row, now) is LinkState.USED:
        raise Conflict("as many files came as a link takes; ask for another", code="clip_link_used")
    if now >= row.expires_at or row.revoked_at is not None or row.closed_at is not None or now >= row.case_expires_at:
        raise Conflict("the link has expired; ask for a new one", code="clip_link_expired")
    return row


async def _uploads(conn: AsyncConnection, row: AnyRow) -> list[AnyRow]:
    found = await conn.execute(sa.select(uploads).where(uploads.c.request_no == row.no).order_by(uploads.c.no))
    return list(found.all())


async def _half_sent(conn: AsyncConnection, row: AnyRow, upload_id: UUID) -> AnyRow:
    """A file that is being sent on a link. Raises NotFound (upload_none), Conflict (upload_came) once it is there."""
    found = next((one for one in await _uploads(conn, row) if one.id == upload_id), None)
    if found is None:
        raise NotFound("say first what you send", code="upload_none")
    if found.state != UploadState.RECEIVING.value:
        raise Conflict("it came already", code="upload_came")
    return found


def _giver(row: AnyRow, address: str, now: datetime) -> Actor:
    """Whoever holds the link: no user, and named as he was when he was asked."""
    user = User(
        no=0,
        id=UUID(int=0),
        name="giver",
        display_name=row.entry_name,
        unit="",
        role=Role.ASSISTANT,
        grants=(),
        active=False,
        created_at=now,
    )
    return Actor(user, address, owner=True)


async def _note(
    conn: AsyncConnection, row: AnyRow, action: str, address: str, *, now: datetime, **more: object
) -> None:
    detail = audit.describe(case=row.case_number, request=row.id, name=row.entry_name, **more)
    about = [] if row.camera_id is None else [row.camera_id]
    span = (row.starts_at, row.ends_at)
    await audit.append(conn, _giver(row, address, now), action, now=now, cameras=about, span=span, detail=detail)


async def view(store: Store, token: str, address: str) -> Giving:
    """What a link asks for, and what became of what was sent; when it is opened first, that is on record.

    Raises NotFound (clip_link).
    """
    now = store.clock()
    async with store.read() as conn:
        row = await _row(conn, token)
        sent = await _uploads(conn, row)
    if row.seen_at is None:
        async with store.write() as conn:
            await conn.execute(sa.update(clip_requests).where(clip_requests.c.no == row.no).values(seen_at=now))
            await _note(conn, row, "clip.open", address, now=now)
    return _giving(store, row, sent, now)


def _giving(store: Store, row: AnyRow, sent: Iterable[AnyRow], now: datetime) -> Giving:
    over = row.closed_at is not None or now >= row.case_expires_at
    state = link_state(row, now)
    asked = AskedClip(
        case_number=row.case_number,
        unit=row.unit,
        name=row.entry_name,
        camera_name=row.camera_name,
        since=row.starts_at,
        until=row.ends_at,
        document_number=row.document_number,
        asked_at=row.asked_at,
        expires_at=row.expires_at,
        state=LinkState.EXPIRED if over and state is LinkState.OPEN else state,
    )
    return Giving(asked, tuple(given(one) for one in sent), MOST_FILES, store.policy.uploads.text)


def _same(sent: Iterable[AnyRow], new: NewUpload) -> AnyRow | None:
    """The file that `new` goes on with: it has the same name and size, and is not there yet."""
    half = (one for one in sent if one.state == UploadState.RECEIVING.value)
    return next((one for one in half if (one.given_name, one.bytes) == (new.name, new.bytes)), None)


async def begun(store: Store, token: str, new: NewUpload) -> UUID | None:
    """The file that `begin` would go on with, where there is one. Raises as `open_upload` for the link."""
    async with store.read() as conn:
        row = await _open(conn, token, store.clock())
        found = _same(await _uploads(conn, row), new)
    return None if found is None else found.id


async def begin(store: Store, token: str, new: NewUpload, node: str, address: str) -> GivenUpload:
    """Begin to send a file, or go on with the same one after a break; what its giver says of it now, holds.

    That he says something else than before is on record, by the names of what changed alone.
    Raises NotFound (clip_link), Conflict: clip_link_used, clip_link_expired, upload_many where as many were begun on
    this link as it takes.
    """
    now = store.clock()
    said = {
        "giver": new.giver,
        "giver_contact": new.contact,
        "device": new.device,
        "giver_note": new.note,
        "unaltered": new.unaltered,
        "text_version": store.policy.uploads.text,
    }
    async with store.write() as conn:
        row = await _open(conn, token, now, lock=True)
        sent = await _uploads(conn, row)
        found = _same(sent, new)
        told = {"file": new.name, "bytes": new.bytes, "text": said["text_version"], "giver": new.giver}
        if found is not None:
            identity = found.id
            if changed := [name for name, value in said.items() if getattr(found, name) != value]:
                await conn.execute(sa.update(uploads).where(uploads.c.no == found.no).values(said))
                await _note(conn, row, "upload.change", address, now=now, upload=identity, changed=changed, **told)
        elif len(sent) >= MOST_FILES:
            raise Conflict("a link takes no more files; give one up, or ask for another", code="upload_many")
        else:
            identity = uuid7()
            values = {
                "id": identity,
                "request_no": row.no,
                "state": UploadState.RECEIVING.value,
                "node": node,
                "given_name": new.name,
                "bytes": new.bytes,
                "begun_at": now,
                **said,
            }
            await conn.execute(sa.insert(uploads).values(values))
            await _note(conn, row, "upload.begin", address, now=now, upload=identity, **told)
        return given(await _half_sent(conn, row, identity))


async def open_upload(store: Store, token: str, upload_id: UUID) -> GivenUpload:
    """A file a link is being sent. Raises NotFound (clip_link, upload_none), Conflict (upload_came) and as `begin`."""
    async with store.read() as conn:
        row = await _open(conn, token, store.clock())
        return given(await _half_sent(conn, row, upload_id))


async def clock_photo(store: Store, token: str, upload_id: UUID, address: str) -> None:
    """Note that a photograph of the camera's clock was kept. Raises as `open_upload`."""
    now = store.clock()
    async with store.write() as conn:
        row = await _open(conn, token, now, lock=True)
        found = await _half_sent(conn, row, upload_id)
        await conn.execute(sa.update(uploads).where(uploads.c.no == found.no).values(has_clock_photo=True))
        await _note(conn, row, "upload.clock_photo", address, now=now, upload=found.id)


async def give_up(store: Store, token: str, upload_id: UUID, address: str) -> None:
    """Forget what is half sent: its files are to be removed. Raises as `open_upload`."""
    now = store.clock()
    async with store.write() as conn:
        row = await _open(conn, token, now, lock=True)
        found = await _half_sent(conn, row, upload_id)
        await conn.execute(sa.delete(uploads).where(uploads.c.no == found.no))
        await _note(conn, row, "upload.give_up", address, now=now, upload=found.id, file=found.given_name)


async def arrived(store: Store, token: str, upload_id: UUID, sha256: str, address: str) -> Giving:
    """All of it is there, and this is its digest; after as many as it takes the link takes nothing more.

    Raises as `open_upload`, and Conflict (upload_twice) where the same file came before on this link.
    """
    now = store.clock()
    async with store.write() as conn:
        row = await _open(conn, token, now, lock=True)
        found = await _half_sent(conn, row, upload_id)
        if any(one.sha256 == sha256 and one.purged_at is None for one in await _uploads(conn, row)):
            raise Conflict("this very file came already; give this one up", code="upload_twice")
        whole = {"state": UploadState.RECEIVED.value, "sha256": sha256, "received_at": now}
        await conn.execute(sa.update(uploads).where(uploads.c.no == found.no).values(whole))
        if row.files + 1 >= MOST_FILES:
            await conn.execute(sa.update(clip_requests).where(clip_requests.c.no == row.no).values(used_at=now))
        await _note(conn, row, "upload.receive", address, now=now, upload=found.id, sha256=sha256, bytes=found.bytes)
        return _giving(store, await _row(conn, token), await _uploads(conn, row), now)
