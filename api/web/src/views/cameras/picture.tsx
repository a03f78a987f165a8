import { useEffect, useState } from "preact/hooks";
import { getEvent, Problem, searchEvents } from "../../api/client";
import { pictureNow } from "../../api/register";
import { problemText, t } from "../../i18n";
import { stamp } from "../../i18n/time";
import { purpose, settle } from "../../store/session";
import { PurposePanel } from "../purpose";

export interface Picture {
  /** Null while it is fetched, and where there is none. */
  url: string | null;
  /** What it shows: this moment, or the newest event's. */
  of: "now" | "snapshot";
  at: string;
}

export interface Shown {
  picture: Picture | null;
  /** Why there is no picture of now. */
  problem: Problem | null;
  busy: boolean;
  again: () => void;
}

/** The camera's picture of now under the session's purpose; without one, the newest kept snapshot, said so. */
export function usePicture(camera: string): Shown {
  const [picture, setPicture] = useState<Picture | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const [round, setRound] = useState(0);
  const under = purpose.value?.id ?? null;
  useEffect(() => {
    if (under === null) return undefined;
    const stop = new AbortController();
    let made: string | null = null;
    setBusy(true);
    const show = async (): Promise<void> => {
      try {
        const blob = await pictureNow(camera, stop.signal);
        made = URL.createObjectURL(blob);
        setPicture({ url: made, of: "now", at: new Date().toISOString() });
        setProblem(null);
      } catch (err) {
        if (stop.signal.aborted) return;
        setProblem(settle(err));
        const kept = await newest(camera, stop.signal);
        if (!stop.signal.aborted) setPicture(kept);
      }
      if (!stop.signal.aborted) setBusy(false);
    };
    void show();
    return () => {
      stop.abort();
      if (made !== null) URL.revokeObjectURL(made);
    };
  }, [camera, under, round]);
  return { picture, problem, busy, again: () => setRound(round + 1) };
}

async function newest(camera: string, signal: AbortSignal): Promise<Picture | null> {
  try {
    const page = await searchEvents(new URLSearchParams({ camera, limit: "10" }), signal);
    const found = page.events.find((one) => one.has_snapshot);
    if (!found) return null;
    const whole = found.snapshot_url ? found : await getEvent(found.id, signal);
    return whole.snapshot_url ? { url: whole.snapshot_url, of: "snapshot", at: found.snapshot_at ?? found.started_at } : null;
  } catch (err) {
    if (err instanceof Problem) return null; // what failed with the picture of now is told already
    if (signal.aborted) return null;
    throw err;
  }
}

interface BoxProps {
  shown: Shown;
  alt: string;
  /** The camera the picture is of: what maintenance would be about. */
  camera: string;
  bare?: boolean;
}

/** The picture with what it is, or why there is none; `bare` where the picture itself is shown elsewhere. */
export function PictureBox({ shown, alt, camera, bare = false }: BoxProps) {
  const { picture, problem, busy, again } = shown;
  if (purpose.value === null)
    return (
      <div class="picture-gate">
        <h3>{t("purpose.title")}</h3>
        <PurposePanel done={() => undefined} camera={camera} />
      </div>
    );
  return (
    <figure class="now-picture">
      {!bare && <Frame url={picture?.url ?? null} busy={busy} alt={alt} />}
      <figcaption class="row">
        <span class="small muted">{caption(shown)}</span>
        <span class="grow" />
        <button type="button" class="small-button" disabled={busy} onClick={again}>
          {t("shot.again")}
        </button>
      </figcaption>
      {problem && (
        <p class="small" role="status">
          {problemText(problem)}
        </p>
      )}
    </figure>
  );
}

function Frame({ url, busy, alt }: { url: string | null; busy: boolean; alt: string }) {
  if (url !== null) return <img src={url} alt={alt} />;
  return <div class={busy ? "now-empty bone" : "now-empty"}>{t(busy ? "loading" : "picture.none")}</div>;
}

function caption({ picture, busy }: Shown): string {
  if (picture === null) return busy ? t("shot.busy") : t("shot.none");
  return t(picture.of === "now" ? "shot.now" : "shot.snapshot", { at: stamp(picture.at) });
}
