import { useEffect, useRef, useState } from "preact/hooks";
import type { Problem } from "../../../../api/client";
import { type Answer, goOn, type Level, type Part, readFrames, readSheet, type Strip, type Vanish, type VanishStep, WHOLE } from "../../../../api/stills";
import { span, t, word } from "../../../../i18n";
import { stamp } from "../../../../i18n/time";
import { settle } from "../../../../store/session";
import { useKeys } from "../../../../ui/keys";
import { Failed } from "../../../../ui/notice";
import { Crop } from "./crop";
import { daysIn } from "./days";
import { widerPart } from "./pictures";

const MOMENT_MS = 8_000;
const WIDTH = 240;
const ANSWERS: readonly (readonly [string, Answer])[] = [
  ["1", "in"],
  ["0", "out"],
  ["?", "unknown"],
];

interface Props {
  strip: Strip;
  from: number;
  to: number;
  part: Part;
  stretched: boolean;
  onFound: (lastIn: number, firstOut: number) => void;
  onClose: () => void;
}

/** Halves the time by itself where it is sure, asks where it is not, and says by which pictures it went. */
export function Helper({ strip, from, to, part, stretched, onFound, onClose }: Props) {
  const [now, setNow] = useState<Vanish | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const running = useRef<AbortController | null>(null);

  async function send(steps: readonly VanishStep[]): Promise<void> {
    running.current?.abort();
    const stop = new AbortController();
    running.current = stop;
    setBusy(true);
    setProblem(null);
    try {
      const found = await goOn(strip.camera_id, from, to, part, steps, stop.signal);
      setNow(found);
      if (found.ask === null) onFound(found.last_in, found.first_out);
    } catch (err) {
      if (!stop.signal.aborted) setProblem(settle(err));
    }
    if (!stop.signal.aborted) setBusy(false);
  }
  useEffect(() => {
    void send([]);
    return () => running.current?.abort();
  }, [from, to, part]);

  const say = (answer: Answer): void => {
    if (now?.ask == null || busy) return;
    void send([...now.steps, { level: now.level, at: now.ask, answer, by: "officer", fit_in: now.fit_in, fit_out: now.fit_out }]);
  };
  // What the machine said after one's own last answer rests on that answer.
  const own = now ? now.steps.map((one) => one.by).lastIndexOf("officer") : -1;
  const undo = (): void => void send(now!.steps.slice(0, own));
  useKeys(
    t("vanish.title"),
    ANSWERS.map(([key, answer]) => ({ keys: [key], label: word("answer", answer), when: () => now?.ask != null && !busy, run: () => say(answer) })),
  );

  return (
    <section class="panel vanish" aria-label={t("vanish.title")} aria-busy={busy}>
      <div class="row">
        <h2>{t("vanish.title")}</h2>
        <span class="grow" />
        <button type="button" class="quiet" disabled={own < 0 || busy} onClick={undo}>
          {t("vanish.undo")}
        </button>
        <button type="button" class="quiet" onClick={onClose}>
          {t("close")}
        </button>
      </div>
      <p class="muted small">{t("vanish.means")}</p>
      {problem && <Failed problem={problem} retry={() => void send(now?.steps ?? [])} />}
      {now === null && !problem && <div class="bone bone-row" role="status" aria-label={t("vanish.looks")} />}
      {now && (
        <>
          <p role="status">
            {now.ask === null
              ? t(now.exact ? "vanish.found" : "vanish.open", { from: stamp(now.last_in), to: stamp(now.first_out), span: span(now.first_out - now.last_in) })
              : t("vanish.asks", { at: stamp(now.ask), n: now.asked + 1, most: now.most })}
          </p>
          <div class="vanish-three">
            <Side strip={strip} at={now.last_in} level={levelOf(now, now.last_in)} part={part} stretched={stretched} label={t("vanish.lastIn")} tone="in" />
            {now.ask !== null && <Side strip={strip} at={now.ask} level={now.level} part={part} stretched={stretched} label={t("vanish.ask")} tone="ask" />}
            <Side strip={strip} at={now.first_out} level={levelOf(now, now.first_out)} part={part} stretched={stretched} label={t("vanish.firstOut")} tone="out" />
          </div>
          {now.ask !== null && (
            <div class="row">
              {ANSWERS.map(([key, answer]) => (
                <button key={key} type="button" class={answer === "unknown" ? "" : "primary"} disabled={busy} onClick={() => say(answer)}>
                  {word("answer", answer)} <kbd>{key}</kbd>
                </button>
              ))}
              {now.fit_in !== null && <span class="muted small">{t("vanish.unsure", { in: percent(now.fit_in), out: percent(now.fit_out) })}</span>}
            </div>
          )}
          {now.steps.length > 0 && <Reasons strip={strip} steps={now.steps} part={part} stretched={stretched} />}
        </>
      )}
    </section>
  );
}

const percent = (fit: number | null): string => (fit === null ? "–" : `${Math.round(fit * 100)}%`);
const levelOf = (now: Vanish, at: number): Level => now.steps.find((one) => one.at === at)?.level ?? "stills";

/** By which pictures it went, the last first. */
function Reasons({ strip, steps, part, stretched }: { strip: Strip; steps: readonly VanishStep[]; part: Part; stretched: boolean }) {
  const [open, setOpen] = useState(false);
  return (
    <details class="vanish-reasons" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t("vanish.reasons", { n: steps.length })}</summary>
      {open && (
        <ol reversed>
          {[...steps].reverse().map((one) => (
            <li key={`${one.level}-${one.at}`}>
              <Side strip={strip} at={one.at} level={one.level} part={part} stretched={stretched} label={`${word("answer", one.answer)} · ${t(one.by === "machine" ? "vanish.byMachine" : "vanish.byOfficer")}`} tone={one.answer === "unknown" ? "ask" : one.answer} />
              {one.fit_in !== null && <span class="muted small">{t("vanish.fits", { in: percent(one.fit_in), out: percent(one.fit_out) })}</span>}
            </li>
          ))}
        </ol>
      )}
    </details>
  );
}

interface SideProps {
  strip: Strip;
  at: number;
  level: Level;
  part: Part;
  stretched: boolean;
  label: string;
  tone: "in" | "out" | "ask";
}

/** The drawn box at one moment, from the small picture or the recording. */
function Side({ strip, at, level, part, stretched, label, tone }: SideProps) {
  const [found, setFound] = useState<{ picture: Blob | null; cut: boolean } | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    setFound(null);
    pictureAt(strip, at, level, part, stop.signal).then(
      (one) => !stop.signal.aborted && setFound(one),
      () => !stop.signal.aborted && setFound({ picture: null, cut: false }),
    );
    return () => stop.abort();
  }, [at, level, part]);
  return (
    <figure class="vanish-side" data-tone={tone}>
      {found === null ? <div class="bone" /> : found.picture ? <Crop picture={found.picture} part={found.cut ? null : part} stretched={stretched} label={`${label} ${stamp(at)}`} /> : <p class="muted">{t("strip.none")}</p>}
      <figcaption class="small">
        <strong>{label}</strong> <span class="time">{stamp(at).slice(5)}</span>
      </figcaption>
    </figure>
  );
}

async function pictureAt(strip: Strip, at: number, level: Level, part: Part, signal: AbortSignal): Promise<{ picture: Blob | null; cut: boolean }> {
  if (level === "stills") {
    const day = daysIn(strip, at, at + 1)[0];
    const still = day && (await readSheet(day, 1, signal)).find((one) => one.at === at);
    if (still?.picture) return { picture: still.picture, cut: false };
  }
  const [one] = await readFrames({ camera: strip.camera_id, from: at, to: at + MOMENT_MS, count: 1, part: widerPart(part) ?? WHOLE, width: WIDTH, stream: strip.stream }, signal);
  return { picture: one?.picture ?? null, cut: true };
}
