"""The report of a case (视频侦查报告): what was looked at and what was not, the bookmarks in time, queries, limits.

Made from the case's state alone, so that the same state gives the same bytes. Each time is told three times over: by
the camera's own clock, how far that is off, and in Beijing time as the hub recorded it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import tzinfo
from html import escape
from uuid import UUID

from camera_hub.evidence import chart, words
from camera_hub.evidence.page import STYLE, facts, items, local, of_camera, offset, table, whole
from registry.bookmarks import Bookmark, MarkedUpload
from registry.columns import from_ms
from registry.evidence.story import MOST_ROWS, Looked, Story
from registry.motion import Dark
from registry.pursuit import things
from registry.pursuit.sightings import Sighting
from registry.uploads import AcceptedUpload

MOST_QUERIES = 1000
MOST_DARK = 5
UNKNOWN_HEAD = "案件时段内未分析（不明）"
Picture = Callable[[UUID], str | None]
"""Where the picture of a bookmark is found from the page; None where there is none to show."""


def html(story: Story, tz: tzinfo, picture: Picture, *, bare: bool = False) -> str:
    """The report; `bare` for the hub's own page, which brings the style."""
    case = story.case
    looked = [one for one in story.cameras if one.looks]
    others = [one for one in story.cameras if not one.looks]
    told = _Given(story.given)
    body = "".join(
        (
            f'<p class="sub">{escape(case.number)} · 截至 {local(story.as_of, tz)}（北京时间）</p>',
            "<h2>一、案情</h2>",
            facts(_facts(story, tz)),
            f"<h2>二、时间线（书签 {len(story.bookmarks)} 条）</h2>",
            _timeline(story.bookmarks, tz, told),
            _sightings(story.sightings, tz, told),
            "<h2>三、示意图</h2>",
            chart.svg(story, told.name) or "<p>没有坐标。</p>",
            '<p class="small">实心：已查看；空心：未查看；方块：他人提供；#：书签序号；短线：监视方位。</p>',
            f"<h2>四、已查看的镜头（{len(looked)}）</h2>",
            _looked(looked, tz),
            f"<h2>五、未查看的镜头及原因（{len(others) + story.more}）</h2>",
            _not_looked(others, story.more, tz),
            "<h2>六、截图</h2>",
            _stills(story, tz, picture, told),
            f"<h2>七、他人提供的录像（{len(story.given)}）</h2>",
            given(story.given, tz),
            f"<h2>八、查询记录（调用登记{'最早' if len(story.rows) == MOST_ROWS else ''} {len(story.rows)} 条）</h2>",
            _queries(story, tz),
            "<h2>九、证明范围</h2><p>本报告及证据包能够证明：</p>",
            items(words.PROVES),
            "<p>不能证明：</p>",
            items(words.PROVES_NOT),
            '<div class="sign"><p>制作人</p><p>审核人</p><p>日期</p></div>',
        )
    )
    return whole("视频侦查报告", body, None if bare else STYLE.read_text(encoding="utf-8"))


def _facts(story: Story, tz: tzinfo) -> Iterable[tuple[str, str]]:
    case, told = story.case, story.reported
    yield "案件编号", escape(case.number)
    yield "案由", escape(case.title)
    yield "类别", escape(case.offence_text or words.OFFENCE.get(case.offence.value, case.offence.value))
    yield "时间范围", f"{local(case.starts_at, tz)} 至 {local(case.ends_at, tz)}"
    yield "地点（区划代码）", escape("、".join(case.places) or words.UNKNOWN)
    if told is not None:
        yield "最后见到", local(told.last_seen_at, tz)
        yield "发现丢失", local(told.found_at, tz)
        yield "案发地坐标（WGS-84）", f"{told.lat:.6f}, {told.lon:.6f}"
        yield "报案记录", escape(f"{told.note or '无备注'}（{told.reported_by}，{local(told.reported_at, tz)}）")
    for before in story.amended:
        said = f"最后见 {local(before.last_seen_at, tz)}，发现 {local(before.found_at, tz)}，{before.note or '无备注'}"
        by = f"{before.reported_by}，{local(before.reported_at, tz)}"
        yield f"更正前（第 {before.version} 版）", escape(f"{said}（{by}）")
    chief = case.responsible
    yield "承办人", escape(f"{chief.display_name or chief.name} {chief.unit}" if chief else words.UNKNOWN)
    yield "办案人员", escape("、".join(one.display_name or one.name for one in case.members))
    yield "文中登录名", escape("、".join(f"{name}：{shown}" for name, shown in story.people.items()) or words.UNKNOWN)


class _Given:
    """What people sent in, as the rest of the report names it: by its number in its own section."""

    def __init__(self, those: Iterable[AcceptedUpload]) -> None:
        self._numbers: Mapping[UUID, int] = {one.id: number for number, one in enumerate(those, start=1)}

    def name(self, upload: MarkedUpload) -> str:
        """`他人提供的录像 1`, or without a number where the report lists it no more."""
        number = self._numbers.get(upload.id)
        return "他人提供的录像" + ("" if number is None else f" {number}")

    def of(self, upload: MarkedUpload) -> str:
        """Its name, with who gave it; escaped."""
        return escape(f"{self.name(upload)}：{upload.name}（{upload.giver}，{upload.device}）")

    def of_bookmark(self, one: Bookmark) -> str:
        """Where a bookmark is of: its camera, or what was sent in, at which of its own seconds and in which file."""
        if one.upload is None:
            return escape(f"{one.village_name} {one.camera_name}")
        unsure = one.upload.clock_uncertainty_ms
        sure = "" if unsure is None else f"，时钟 ±{unsure / 1000:g} 秒"
        where = f"第 {one.upload.clip_ms / 1000:.3f} 秒{sure}<br><code>SHA-256 {one.upload.sha256}</code>"
        return f'{self.of(one.upload)}<br><span class="small">{where}</span>'


def _timeline(marks: Iterable[Bookmark], tz: tzinfo, told: _Given) -> str:
    return table(
        ("序号", "北京时间", "时钟偏差", "镜头时间", "镜头", "性质", "把握", "说明", "记录人"),
        (
            (
                str(number),
                local(one.at, tz),
                offset(one.clock_offset_ms),
                of_camera(one.at, one.clock_offset_ms, tz),
                told.of_bookmark(one),
                words.BOOKMARK.get(one.kind.value, one.kind.value),
                words.CONFIDENCE.get(one.confidence.value, one.confidence.value),
                escape(one.note).replace("\n", "<br>"),
                escape(f"{one.author}（第 {one.version} 版）"),
            )
            for number, one in enumerate(marks, start=1)
        ),
        "没有书签",
    )


def _sightings(those: Iterable[Sighting], tz: tzinfo, told: _Given) -> str:
    """What the trail rests on, by the clue map's numbers: bookmarks of sightings, and passers that were starred."""

    def what(one: Sighting) -> str:
        if things.read(one.thing).kind == "bookmark":
            return "书签"
        return "卡口标星：" + (words.LABEL.get(one.label, escape(one.label)) if one.label else "仅有画面变动")

    rows = [
        (
            str(one.no),
            local(one.at, tz),
            escape(one.camera_name) if one.upload is None else told.of(one.upload),
            what(one),
            escape(one.said_by),
        )
        for one in those
    ]
    return table(("目击点（线索图编号）", "北京时间", "镜头", "依据", "判定人"), rows) if rows else ""


def _camera(one: Looked) -> str:
    camera = one.camera
    return escape(f"{camera.place_name} {camera.name}") + (
        f'<br><span class="small">{camera.gb_id}</span>' if camera.gb_id else ""
    )


def _looked(those: Iterable[Looked], tz: tzinfo) -> str:
    return table(
        ("镜头", "类别", "查看次数", "查看的录像时段", UNKNOWN_HEAD, "查看人", "时钟偏差", "遮蔽版本"),
        (
            (
                _camera(one),
                words.KIND.get(one.camera.kind, one.camera.kind),
                str(one.looks),
                f"{local(one.since, tz)} 至 {local(one.until, tz)}",
                _dark(one.dark, tz),
                escape("、".join(one.by)),
                offset(one.camera.clock_offset_ms),
                str(one.camera.masks_version),
            )
            for one in those
        ),
    )


def _dark(those: Sequence[Dark], tz: tzinfo) -> str:
    """The longest of them, in order, each with why nobody watched."""
    longest = sorted(sorted(those, key=lambda one: one.since - one.until)[:MOST_DARK], key=lambda one: one.since)
    told = [
        f"{local(from_ms(one.since), tz)} 至 {local(from_ms(one.until), tz)}"
        f"（{words.UNWATCHED.get(one.why.value, one.why.value)}）"
        for one in longest
    ]
    rest = f"另有 {len(those) - MOST_DARK} 段" if len(those) > MOST_DARK else ""
    return "<br>".join([*told, rest] if rest else told) or "无"


def _not_looked(those: Iterable[Looked], more: int, tz: tzinfo) -> str:
    def why(one: Looked) -> str:
        causes = "、".join(words.CAUSE.get(cause, cause) for cause in one.causes)
        return words.WHY_NOT.get(one.why_not, one.why_not) + (f"（{causes}）" if causes else "")

    rows = [
        (_camera(one), words.KIND.get(one.camera.kind, one.camera.kind), escape(why(one)), _dark(one.dark, tz))
        for one in those
    ]
    if more:
        rows.append((f"案发地区划内另有 {more} 个镜头", "", "未列出，未查看", ""))
    return table(("镜头", "类别", "原因", UNKNOWN_HEAD), rows)


def _stills(story: Story, tz: tzinfo, picture: Picture, told: _Given) -> str:
    shown, missing = [], []
    for number, one in enumerate(story.bookmarks, start=1):
        source = picture(one.id)
        if source is None:
            why = story.stills.get(one.id, "snapshot_none")
            said = words.REFUSED.get(why, why) if isinstance(why, str) else "文件已不在"
            missing.append(f"#{number} {said}")
            continue
        frame = f"<br><code>帧 SHA-256 {one.frame_digest}</code>" if one.frame_digest else ""
        shown.append(
            f'<figure><img src="{escape(source)}" alt="书签 {number}"><figcaption class="small">#{number} '
            f"{escape(one.camera_name) if one.upload is None else told.of(one.upload)} "
            f"{local(one.frame_at or one.at, tz)}{frame}</figcaption></figure>"
        )
    left = f'<p class="small">没有截图：{escape("；".join(missing))}</p>' if missing else ""
    return (f'<div class="stills">{"".join(shown)}</div>' if shown else "") + left or "<p>没有截图。</p>"


def given(those: Iterable[AcceptedUpload], tz: tzinfo) -> str:
    """What people sent in, with what they certified and how their clock was read."""

    def giver(one: AcceptedUpload) -> str:
        said = one.certificate
        vow = "声明系原始录像" if said.unaltered else "未声明系原始录像"
        return escape(f"{one.entry_name}：{said.giver}，{said.device}") + f"<br>{vow}"

    def clock(one: AcceptedUpload) -> str:
        method = one.clock.method
        if method is None or one.clock.offset_ms is None:
            return words.UNKNOWN
        sure = f" ±{(one.clock.uncertainty_ms or 0) / 1000:g} 秒" if one.clock.uncertainty_ms is not None else ""
        return f'{offset(one.clock.offset_ms)}{sure}<br><span class="small">{words.CLOCK[method.value]}</span>'

    return table(
        ("序号", "提供人、设备", "请求的时段", "第一帧（北京时间）", "时钟偏差", "收到、采用", "SHA-256"),
        (
            (
                str(number),
                giver(one),
                f"{local(one.asked_from, tz)} 至 {local(one.asked_to, tz)}",
                local(one.clock.begins_at, tz),
                clock(one),
                f"{local(one.received_at, tz)} 收到；{escape(one.accepted_by)} 于 {local(one.accepted_at, tz)} 采用",
                f"<code>{one.sha256}</code>",
            )
            for number, one in enumerate(those, start=1)
        ),
    )


def _queries(story: Story, tz: tzinfo) -> str:
    names = {str(one.camera.id): one.camera.name for one in story.cameras}

    def about(row: dict[str, object]) -> str:
        ids = row["cameras"] if isinstance(row["cameras"], list) else []
        told = [names.get(one, one[:8]) for one in ids[:3]]
        return "、".join(told) + (f" 等 {len(ids)} 个" if len(ids) > len(told) else "")

    rows = [dict(row) for row in story.rows if not row["action"].startswith(words.AUTOMATIC)]
    shown = table(
        ("登记号", "时间", "人员", "操作", "镜头", "结果数"),
        (
            (
                str(row["no"]),
                local(from_ms(row["at"]), tz),
                escape(f"{row['user_name']} {row['unit']}"),
                escape(words.ACTION.get(row["action"], row["action"])),
                escape(about(row)),
                "" if row["result_count"] is None else str(row["result_count"]),
            )
            for row in rows[:MOST_QUERIES]
        ),
    )
    rest = len(story.rows) - min(len(rows), MOST_QUERIES)
    return shown + (f'<p class="small">另有 {rest} 条（页面自动读取等）见 data/log/queries.jsonl。</p>' if rest else "")
