import { useEffect, useRef, useState } from "preact/hooks";
import { caseCameras } from "../../../../api/cases";
import type { Problem } from "../../../../api/client";
import { hubNow } from "../../../../api/hubclock";
import { type Comparing, compareHits, MOST_CAMERAS, MOST_DAYS, type MotionAnswer, type MotionChanges, type Region, searchMotion } from "../../../../api/motion";
import type { Case } from "../../../../api/types";
import { t } from "../../../../i18n";
import { minute } from "../../../../i18n/time";
import { useAsked } from "../../../../store/asked";
import { cameras as known, refresh } from "../../../../store/cameras";
import { reaches } from "../../../../store/casepurpose";
import { settle } from "../../../../store/session";
import { CameraPick } from "../../../../ui/camerapick";
import { Failed, Notice, Unread } from "../../../../ui/notice";
import type { StepProps } from "../../steps";
import "../../../../styles/motion.css";
import { Asking, type When } from "./asking";
import { Hits } from "./hits";
import { chosen, type Drawn, regionsOf } from "./regions";
import { Stage } from "./stage";

const DAY = 86_400_000;
const LIMIT = 1000;

/** Where in the pictures something moved: regions of the case's cameras, a window, and what was found. */
export function Search({ of }: StepProps) {
  const own = useAsked((until) => caseCameras(of.id, until), [of.id]);
  useEffect(() => {
    if (known.peek() === null) void refresh();
  }, []);
  if (own.value === null) return <Unread problem={own.problem} retry={own.again} />;
  return <Searching of={of} first={own.value.map((one) => ({ id: one.camera_id, name: one.name }))} />;
}

interface Props {
  of: Case;
  first: readonly { id: string; name: string }[];
}

function Searching({ of, first }: Props) {
  const [window] = useState(() => windowOf(of));
  const [drawn, setDrawn] = useState<Drawn>(() => new Map(first.slice(0, MOST_CAMERAS).map((one) => [one.id, null])));
  const [open, setOpen] = useState<string | null>(first[0]?.id ?? null);
  const [answer, setAnswer] = useState<MotionAnswer | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const [asking, setAsking] = useState<Region[]>([]);
  const [changes, setChanges] = useState<MotionChanges | Comparing | Problem | null>(null);
  const asked = useRef<When | null>(null);
  const running = useRef<AbortController | null>(null);
  useEffect(() => () => running.current?.abort(), []);

  const name = (id: string): string => {
    const there = known.value?.find((one) => one.id === id);
    return there ? `${there.village_name} ${there.name}` : (first.find((one) => one.id === id)?.name ?? id);
  };
  function pick(ids: string[]): void {
    setDrawn(chosen(drawn, ids));
    if (open === null || !ids.includes(open)) setOpen(ids[0] ?? null);
  }
  async function ask(when: When): Promise<void> {
    running.current?.abort();
    const stop = new AbortController();
    running.current = stop;
    asked.current = when;
    setBusy(true);
    try {
      const cameras = regionsOf(drawn);
      const found = await searchMotion({ ...when, cameras, limit: LIMIT }, stop.signal);
      setAsking(cameras);
      setChanges(null);
      setAnswer(found);
      setProblem(null);
      void compare(cameras, found, stop.signal);
    } catch (err) {
      if (!stop.signal.aborted) setProblem(settle(err));
    }
    if (!stop.signal.aborted) setBusy(false);
  }
  async function compare(cameras: Region[], found: MotionAnswer, signal: AbortSignal): Promise<void> {
    if (found.hits.length === 0) return;
    try {
      const told = await compareHits(cameras, found.hits, (step) => !signal.aborted && setChanges(step), signal);
      if (!signal.aborted) setChanges(told);
    } catch (err) {
      if (!signal.aborted) setChanges(settle(err));
    }
  }
  const part = answer?.cameras.find((one) => one.camera_id === open);
  return (
    <div class="motion">
      <p class="muted small">{t("motion.means")}</p>
      <div class="motion-top">
        <CameraPick label={t("motion.cameras", { n: MOST_CAMERAS })} chosen={[...drawn.keys()]} onChange={pick} most={MOST_CAMERAS} offered={(one) => reaches(one.village_code)} />
        <div>
          {drawn.size > 1 && (
            <div class="row motion-names" role="group" aria-label={t("motion.which")}>
              {[...drawn].map(([id, outline]) => (
                <button key={id} type="button" class={id === open ? "small" : "quiet small"} aria-pressed={id === open} onClick={() => setOpen(id)}>
                  {name(id)} {outline ? "▣" : "▢"}
                </button>
              ))}
            </div>
          )}
          {open === null ? (
            <Notice title={t("motion.choose")} />
          ) : (
            <Stage
              key={open}
              camera={open}
              name={name(open)}
              until={window.to}
              outline={drawn.get(open) ?? null}
              dark={part?.dark_rows ?? []}
              noisy={part?.noisy_rows ?? []}
              onOutline={(outline) => setDrawn(new Map(drawn).set(open, outline))}
            />
          )}
        </div>
      </div>
      <Asking from={minute(window.from)} to={minute(window.to)} busy={busy} blank={drawn.size === 0} onAsk={(when) => void ask(when)} />
      {problem && <Failed problem={problem} retry={() => asked.current && void ask(asked.current)} />}
      {answer && !problem && (
        <div aria-busy={busy}>
          <Hits of={of} answer={answer} changes={changes} byTime={asked.current?.order === "time"} regions={asking} name={name} />
        </div>
      )}
    </div>
  );
}

/** The case's time up to now, its last 31 days. */
function windowOf(of: Case): { from: number; to: number } {
  const now = hubNow();
  const to = Math.min(of.ends_at ? Date.parse(of.ends_at) : now, now);
  return { from: Math.max(of.starts_at ? Date.parse(of.starts_at) : to - 7 * DAY, to - MOST_DAYS * DAY + 60_000), to };
}
