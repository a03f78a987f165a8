import { useEffect, useMemo, useState } from "preact/hooks";
import { hubNow } from "../../api/hubclock";
import { type Stream, STREAMS } from "../../api/recordings";
import type { Camera } from "../../api/types";
import { t } from "../../i18n";
import { minute, parseLocal } from "../../i18n/time";
import { cameras as known, follow, refresh, trouble } from "../../store/cameras";
import { MOST_CAMERAS, type PlaySession, usePlaySession } from "../../store/playsession";
import { go, href, route } from "../../store/route";
import { purpose } from "../../store/session";
import { Failed, Notice } from "../../ui/notice";
import { Segments } from "../../ui/tabs";
import { Toolbar } from "../../ui/toolbar";
import { PurposeGate } from "../purpose";
import { Pick } from "./pick";
import { Playing } from "./player";
import "../../styles/playback.css";

/** Without a moment in the address one begins with what was just recorded. */
const JUST_NOW_MS = 120_000;
const NARROW_PX = 820;

interface Wanted {
  cameras: string[];
  at: number;
  stream: Stream;
}

export function readWanted(query: URLSearchParams, now: number): Wanted {
  const at = Date.parse(query.get("at") ?? "");
  return {
    cameras: [...new Set((query.get("cameras") ?? "").split(",").filter(Boolean))].slice(0, MOST_CAMERAS),
    at: Number.isNaN(at) ? now - JUST_NOW_MS : Math.min(at, now),
    stream: STREAMS.find((one) => one === query.get("stream")) ?? "sub",
  };
}

export function writeWanted({ cameras, at, stream }: Wanted): URLSearchParams {
  const query = new URLSearchParams({ cameras: cameras.join(), at: new Date(at).toISOString() });
  if (stream !== "sub") query.set("stream", stream);
  return query;
}

/** Up to four cameras' recordings on one clock; which, and when, stands in the address. */
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
  const cameras = wanted.cameras.flatMap((id) => all.find((one) => one.id === id) ?? []);
  const change = (part: Partial<Wanted>): void => go(href("playback", writeWanted({ ...wanted, ...part })), true);
  const most = innerWidth > NARROW_PX ? MOST_CAMERAS : 1;
  const pick = <Pick all={all} chosen={cameras.map((one) => one.id)} most={most} onChange={(ids) => change({ cameras: ids })} />;
  if (cameras.length === 0)
    return (
      <section class="playback" aria-label={t("nav.playback")}>
        <Toolbar label={t("nav.playback")}>{pick}</Toolbar>
        <Notice title={t("play.choose")}>{wanted.cameras.length > 0 ? t("live.unknown.do") : t("play.choose.hint", { n: most })}</Notice>
      </section>
    );
  return (
    <section class="playback" aria-label={t("nav.playback")}>
      <Session key={`${purpose.value?.id}`} wanted={wanted} cameras={cameras.slice(0, most)} pick={pick} change={change} />
    </section>
  );
}

interface SessionProps {
  wanted: Wanted;
  cameras: readonly Camera[];
  pick: preact.ComponentChildren;
  change: (part: Partial<Wanted>) => void;
}

function Session({ wanted, cameras, pick, change }: SessionProps) {
  const session = usePlaySession(
    cameras.map((one) => one.id),
    wanted.stream,
    wanted.at,
  );
  useAddress(session, wanted, change);
  const streams = new Set(session.footage.value.flatMap((one) => one?.streams ?? []));
  return (
    <>
      <Toolbar label={t("nav.playback")}>
        {pick}
        <Moment session={session} />
        {(streams.has("main") || wanted.stream === "main") && (
          <Segments<Stream>
            label={t("play.stream")}
            value={wanted.stream}
            options={STREAMS.map((value) => ({ value, label: t(`stream.${value}`) }))}
            onChange={(stream) => change({ stream, at: session.player.position.peek() })}
          />
        )}
      </Toolbar>
      <Playing session={session} cameras={cameras} keys="view" />
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
