import { useEffect, useRef } from "preact/hooks";
import type { Lacking, NearCamera, Nearby } from "../../../api/cases";
import { t, word } from "../../../i18n";
import { minute, stamp } from "../../../i18n/time";

const OFF_MS = 5000;
const MINUTES_TELL_MS = 120_000;
/** So many stretches are told in words, the longest. */
const SAID = 3;
/** Nobody's fault: nothing was to be there, or it went with its age. */
const CALM = new Set(["not_due", "no_event", "no_consent", "disabled", "outside_hours", "gone"]);

interface Props {
  one: NearCamera;
  near: Nearby;
  picked: boolean;
  pick: () => void;
  choose: (chosen: boolean) => void;
}

/** A camera: how far, what it is for this scene, what there is of it, and what stands between. */
export function Row({ one, near, picked, pick, choose }: Props) {
  const line = useRef<HTMLLIElement>(null);
  useEffect(() => {
    if (picked) line.current?.scrollIntoView({ block: "nearest" });
  }, [picked]);
  return (
    <li ref={line} class={picked ? "near-row near-picked" : "near-row"} onMouseEnter={pick}>
      <label class="near-name">
        <input type="checkbox" checked={one.chosen} onChange={(event) => choose(event.currentTarget.checked)} />
        <strong>{one.name}</strong>
        <span class="muted small">{one.village_name}</span>
        <span class="grow" />
        <span class="time">{wayText(one)}</span>
      </label>
      <div class="near-tags">
        <span class="tag">{word("kind", one.kind)}</span>
        {one.sees === true && <span class="tag tag-ok">{t("near.sees")}</span>}
        {one.sees === null && <span class="tag">{t("near.sees.unknown")}</span>}
        {one.entrances.map((name) => (
          <span key={name} class="tag">
            {t("near.entrance", { name })}
          </span>
        ))}
        {(one.consent === "ask" || one.consent === "partly") && <span class="tag tag-wait">{word("agreed", one.consent)}</span>}
        {!one.reached && <span class="tag tag-wait">{t("near.notReached")}</span>}
        {one.clock_offset_ms !== null && Math.abs(one.clock_offset_ms) >= OFF_MS && (
          <span class="tag tag-wait">{t(one.clock_offset_ms > 0 ? "near.clock.ahead" : "near.clock.behind", { n: Math.round(Math.abs(one.clock_offset_ms) / 1000) })}</span>
        )}
      </div>
      {one.facts && <What one={one} near={near} />}
    </li>
  );
}

function wayText(one: NearCamera): string {
  if (one.how === null) return t("near.unplaced");
  if (one.how === "unreachable" || one.minutes === null) return t("near.unreachable");
  return t(one.how === "road" ? "near.minutes" : "near.minutes.estimate", { n: one.minutes < 10 ? one.minutes : Math.round(one.minutes), m: one.metres ?? 0 });
}

/** What was recorded and what was watched of the window, each as a strip; what is missing is hatched and told. */
function What({ one, near }: { one: NearCamera; near: Nearby }) {
  const facts = one.facts!;
  return (
    <div class="near-facts">
      <Strip label={t("near.recorded")} seconds={facts.recorded_s} lacking={facts.gaps} more={facts.more_gaps} cause={cause} near={near} />
      <Strip label={t("near.analysed")} seconds={facts.analysed_s} lacking={facts.unwatched} more={facts.more_unwatched} cause={why} near={near} />
    </div>
  );
}

interface Shown {
  label: string;
  seconds: number;
  lacking: readonly Lacking[];
  more: number;
  cause: (code: string) => string;
  near: Nearby;
}

function Strip({ label, seconds, lacking, more, cause, near }: Shown) {
  const begin = new Date(near.from).getTime();
  const whole = Math.max(1, near.window_s * 1000);
  const floor = near.window_s === 0 ? 0 : Math.min(100, Math.floor((seconds / near.window_s) * 100));
  const share = seconds > 0 && floor === 0 ? "<1" : floor;
  const longest = [...lacking].sort((a, b) => lasting(b) - lasting(a)).slice(0, SAID);
  const words = lacking.filter((gap) => longest.includes(gap)).map((gap) => ({
    text: `${between(gap, near)} ${cause(gap.cause)}`,
    calm: CALM.has(gap.cause),
  }));
  return (
    <div class="near-strip-line">
      <span class="muted small">{label}</span>
      <span class={share === 0 ? "near-strip near-strip-none" : "near-strip"} role="img" aria-label={t("near.share", { what: label, n: share })}>
        {lacking.map((gap) => (
          <i
            key={gap.from}
            class={CALM.has(gap.cause) ? "near-calm" : "near-bad"}
            title={`${stamp(gap.from)} – ${stamp(gap.to)} ${cause(gap.cause)}`}
            style={{ left: `${((new Date(gap.from).getTime() - begin) / whole) * 100}%`, width: `${((new Date(gap.to).getTime() - new Date(gap.from).getTime()) / whole) * 100}%` }}
          />
        ))}
      </span>
      <span class="small time">{`${share}%`}</span>
      {words.length > 0 && (
        <span class="near-gaps small">
          {words.map((one) => (
            <span key={one.text} class={one.calm ? "muted" : "near-why"}>
              {one.text}
            </span>
          ))}
          {lacking.length + more > SAID && <span class="muted">{t("near.gaps.more", { n: lacking.length + more - SAID })}</span>}
        </span>
      )}
    </div>
  );
}

/** The day is left out where the window has but one, seconds where minutes tell it. */
function between(gap: Lacking, near: Nearby): string {
  const begin = minute(near.from).slice(0, 10) === minute(near.to).slice(0, 10) ? 11 : 5;
  const end = lasting(gap) < MINUTES_TELL_MS ? 19 : 16;
  return `${stamp(gap.from).slice(begin, end)}–${stamp(gap.to).slice(begin, end)}`;
}

const lasting = (gap: Lacking): number => new Date(gap.to).getTime() - new Date(gap.from).getTime();

/** Why nothing was recorded: a cause of gaps, or that nothing was to be. */
function cause(code: string): string {
  const found = word("lacking", code);
  return found === code ? word("gap", code) : found;
}

/** Why analysis did not watch. */
const why = (code: string): string => word("unwatched", code);
