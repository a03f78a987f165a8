import { useEffect, useMemo, useState } from "preact/hooks";
import { hubNow } from "../../api/hubclock";
import { caseCameras } from "../../api/cases";
import { type Stream, STREAMS } from "../../api/recordings";
import type { Camera } from "../../api/types";
import { t } from "../../i18n";
import { minute, parseLocal } from "../../i18n/time";
import { cameras as known, follow, refresh, trouble } from "../../store/cameras";
import { useAsked } from "../../store/asked";
import { bookmarkCase } from "../../store/bookmarks";
import { useGiven } from "../../store/given";
import { MOST_LANES } from "../../store/lanebatch";
import { MOST_CAMERAS, type PlaySession, usePlaySession } from "../../store/playsession";
import { go, href, parse, route } from "../../store/route";
import { purpose } from "../../store/session";
import { Failed, Notice } from "../../ui/notice";
import { Segments } from "../../ui/tabs";
import { Toolbar } from "../../ui/toolbar";
import { PurposeGate } from "../purpose";
import { Clocks } from "./clocks";
import { Pick } from "./pick";
import { Playing } from "./player";
import "../../styles/playback.css";

/** Without a moment in the address one begins with what was just recorded. */
const JUST_NOW_MS = 120_000;
const NARROW_PX = 820;

interface Wanted {
  /** Those that are played. */
  cameras: string[];
  /** Those that have a lane and no picture. */
  beside: string[];
  /** How much later than it was a camera's footage is dated, in ms, by camera. */
  clocks: Record<string, number>;
  at: number;
  stream: Stream;
}

export function readWanted(query: URLSearchParams, now: number): Wanted {
  const at = Date.parse(query.get("at") ?? "");
  const listed = (name: string): string[] => [...new Set((query.get(name) ?? "").split(",").filter(Boolean))];
  const cameras = listed("cameras").slice(0, MOST_CAMERAS);
  return {
    cameras,
    beside: listed("lanes")
      .filter((one) => !cameras.includes(one))
      .slice(0, MOST_LANES - cameras.length),
    clocks: Object.fromEntries(
      listed("clocks").flatMap((one) => {
        const [id, ms] = one.split(":");
        return id && /^-?\d{1,9}$/.test(ms ?? "") && Number(ms) !== 0 ? [[id, Number(ms)]] : [];
      }),
    ),
    at: Number.isNaN(at) ? now - JUST_NOW_MS : Math.min(at, now),
    stream: STREAMS.find((one) => one === query.get("stream")) ?? "sub",
  };
}

export function writeWanted({ cameras, beside, clocks, at, stream }: Wanted): URLSearchParams {
  const query = new URLSearchParams({ cameras: cameras.join(), at: new Date(at).toISOString() });
  if (beside.length > 0) query.set("lanes", beside.join());
  const late = Object.entries(clocks).filter(([, ms]) => ms !== 0);
  if (late.length > 0) query.set("clocks", late.map(([id, ms]) => `${id}:${ms}`).join());
  if (stream !== "sub") query.set("stream", stream);
  return query;
}

/** Of those chosen, the first few play, those that played before them; the others have a lane alone. */
function parted(ids: readonly string[], played: readonly string[]): Pick<Wanted, "cameras" | "beside"> {
  const kept = played.filter((one) => ids.includes(one));
  const cameras = [...kept, ...ids.filter((one) => !kept.includes(one))].slice(0, MOST_CAMERAS);
  return { cameras, beside: ids.filter((one) => !cameras.includes(one)) };
}

/** Up to four cameras' recordings on one clock, in a case with the lanes of up to twelve; which, and when, stands in the address. */
export function PlaybackView() {
  useEffect(follow, []);
  const watchable = useMemo(() => known.value?.filter((one) => one.kind !== "wifi_probe") ?? null, [known.value]);
  if (purpose.value === null) return <PurposeGate />;
  if (watchable === null)
    return trouble.value ? (
      <Failed problem={trouble.value} retry={() => void refresh()} />
    ) : (
      <div class="bone bone-row" role="status" aria-label={t("loading")} />
    );
  return <Chosen all={watchable} />;
}

function Chosen({ all }: { all: readonly Camera[] }) {
  const wanted = readWanted(route.value.query, hubNow());
  const of = (ids: readonly string[]): Camera[] => ids.flatMap((id) => all.find((one) => one.id === id) ?? []);
  const [cameras, beside] = [of(wanted.cameras), of(wanted.beside)];
  /** Builds on the address as it is when something changes, and leaves another view's alone: a timer may have been set before the last press. */
  const change = (part: Partial<Wanted>): void => {
    const now = parse(location.hash);
    if (now.view === "playback") go(href("playback", writeWanted({ ...readWanted(now.query, hubNow()), ...part })), true);
  };
  const wide = innerWidth > NARROW_PX;
  const inCase = bookmarkCase();
  const most = !wide ? 1 : inCase === null ? MOST_CAMERAS : MOST_LANES;
  /** `now`: where one is, for who goes on there with other cameras. */
  const pick = (now: () => Partial<Wanted>) => {
    const choose = (ids: string[]): void => change({ ...parted(ids, wanted.cameras), ...now() });
    return (
      <>
        <Pick all={all} chosen={[...cameras, ...beside].map((one) => one.id)} most={most} onChange={choose} />
        {wide && inCase !== null && <OfCase key={inCase} id={inCase} onChoose={choose} />}
      </>
    );
  };
  if (cameras.length === 0)
    return (
      <section class="playback" aria-label={t("nav.playback")}>
        <Toolbar label={t("nav.playback")}>{pick(() => ({}))}</Toolbar>
        <Notice title={t("play.choose")}>{wanted.cameras.length > 0 ? t("live.unknown.do") : t("play.choose.hint", { n: most })}</Notice>
      </section>
    );
  return (
    <section class="playback" aria-label={t("nav.playback")}>
      <Session key={`${purpose.value?.id}`} wanted={wanted} cameras={cameras.slice(0, most)} beside={wide ? beside : []} pick={pick} change={change} />
    </section>
  );
}

/** All cameras of the case at once. */
function OfCase({ id, onChoose }: { id: string; onChoose: (ids: string[]) => void }) {
  const { value } = useAsked((until) => caseCameras(id, until), [id]);
  const there = value?.filter((one) => !one.removed && one.kind !== "wifi_probe") ?? [];
  return (
    <button
      type="button"
      disabled={there.length === 0}
      title={value?.length === 0 ? t("lanes.case.none") : undefined}
      onClick={() => onChoose(there.slice(0, MOST_LANES).map((one) => one.camera_id))}
    >
      {t("lanes.case", { n: there.length })}
    </button>
  );
}

interface SessionProps {
  wanted: Wanted;
  cameras: readonly Camera[];
  beside: readonly Camera[];
  pick: (now: () => Partial<Wanted>) => preact.ComponentChildren;
  change: (part: Partial<Wanted>) => void;
}

function Session({ wanted, cameras, beside, pick, change }: SessionProps) {
  const session = usePlaySession(
    cameras.map((one) => one.id),
    wanted.stream,
    wanted.at,
    undefined,
    beside.map((one) => one.id),
    wanted.clocks,
  );
  const given = useGiven();
  const all = [...cameras, ...beside];
  const play = (ids: string[]): void =>
    change({ cameras: ids, beside: all.map((one) => one.id).filter((one) => !ids.includes(one)), at: session.player.position.peek() });
  useAddress(session, wanted, change);
  const streams = new Set(session.footage.value.flatMap((one) => one?.streams ?? []));
  return (
    <>
      <Toolbar label={t("nav.playback")}>
        {pick(() => ({ at: session.player.position.peek() }))}
        <Moment session={session} />
        {all.length > 1 && <Clocks cameras={all} clocks={wanted.clocks} onChange={(clocks) => change({ clocks, at: session.player.position.peek() })} />}
        {(streams.has("main") || wanted.stream === "main") && (
          <Segments<Stream>
            label={t("play.stream")}
            value={wanted.stream}
            options={STREAMS.map((value) => ({ value, label: t(`stream.${value}`) }))}
            onChange={(stream) => change({ stream, at: session.player.position.peek() })}
          />
        )}
      </Toolbar>
      <Playing session={session} cameras={cameras} beside={beside} given={given} keys="view" onPlay={bookmarkCase() === null ? undefined : play} />
    </>
  );
}

/** The address follows where one stops, and where one goes by it the player goes. */
function useAddress(session: PlaySession, wanted: Wanted, change: (part: Partial<Wanted>) => void): void {
  const { player } = session;
  const [told, setTold] = useState(wanted.at);
  const resting = player.playing.value ? null : Math.round(player.position.value);
  useEffect(() => {
    if (resting === null) return undefined;
    const timer = setTimeout(() => {
      setTold(resting);
      change({ at: resting });
    }, 400);
    return () => clearTimeout(timer);
  }, [resting]);
  useEffect(() => {
    if (route.value.query.has("at") && Math.abs(wanted.at - told) > 1 && Math.abs(wanted.at - player.position.peek()) > 1_000) session.seek(wanted.at);
  }, [wanted.at]);
}

/** Goes to a moment one types. */
function Moment({ session }: { session: PlaySession }) {
  const [text, setText] = useState<string | null>(null);
  const at = Math.floor(session.player.position.value / 60_000) * 60_000;
  const shown = text ?? minute(at);
  const typed = parseLocal(shown);
  return (
    <form
      class="play-goto"
      onSubmit={(event) => {
        event.preventDefault();
        if (typed) session.seek(typed.getTime());
        setText(null);
      }}
    >
      <input
        aria-label={t("play.goto")}
        class="time"
        value={shown}
        maxLength={19}
        inputMode="numeric"
        aria-invalid={typed === null}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <button type="submit" disabled={typed === null}>
        {t("play.goto.do")}
      </button>
    </form>
  );
}
