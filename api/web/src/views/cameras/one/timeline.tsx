import { useState } from "preact/hooks";
import { cameraHistory, type StatusAt } from "../../../api/register";
import { span, t, word } from "../../../i18n";
import { stamp } from "../../../i18n/time";
import { useAsked } from "../../../store/asked";
import { tone, type Tone } from "../../../store/cameras";
import { Unread } from "../../../ui/notice";
import { Segments } from "../../../ui/tabs";

const HOUR = 3_600_000;
const SPANS = { "24": 24 * HOUR, "168": 168 * HOUR, "720": 720 * HOUR } as const;
type Span = keyof typeof SPANS;

export interface Stretch extends StatusAt {
  from: number;
  to: number;
  tone: Tone;
}

/** What became of its pull, as a band over time and in words. `since` is that of the present state: it is read anew with it. */
export function Timeline({ camera, since }: { camera: string; since: string }) {
  const { value: history, problem, again } = useAsked((until) => cameraHistory(camera, until), [camera, since]);
  const [length, setLength] = useState<Span>("24");

  if (history === null || problem) return <Unread problem={problem} retry={again} />;
  const until = Date.now();
  const from = until - SPANS[length];
  const all = stretches(history, until);
  const shown = all.filter((one) => one.to > from);
  const share = (ms: number): number => (100 * ms) / (until - from);
  return (
    <div class="panel timeline">
      <div class="row">
        <h2>{t("timeline.title")}</h2>
        <span class="grow" />
        <Segments<Span>
          label={t("timeline.span")}
          value={length}
          options={[
            { value: "24", label: t("timeline.24h") },
            { value: "168", label: t("timeline.7d") },
            { value: "720", label: t("timeline.30d") },
          ]}
          onChange={setLength}
        />
      </div>
      <svg class="band" viewBox="0 0 100 10" preserveAspectRatio="none" role="img" aria-label={summary(shown, from)}>
        {shown.map((one) => (
          <rect
            key={one.from}
            class={`band-${one.tone}`}
            x={share(Math.max(0, one.from - from))}
            width={share(one.to - Math.max(from, one.from))}
            y="0"
            height="10"
          >
            <title>{words(one)}</title>
          </rect>
        ))}
      </svg>
      <div class="band-ends small muted time">
        <span>{stamp(from).slice(0, 16)}</span>
        <span>{t("timeline.now")}</span>
      </div>
      {all.length === 0 && <p class="muted">{t("timeline.none")}</p>}
      <ol class="history">
        {all.slice(0, 20).map((one) => (
          <li key={one.from}>
            <span class="time">{stamp(one.from)}</span>
            <span>
              <i class={`dot dot-${one.tone}`} /> {words(one)}
              {one.detail && <span class="muted small"> {one.detail}</span>}
            </span>
            <span class="time muted">{span(one.to - one.from)}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}

const words = (one: StatusAt): string =>
  one.reason === null ? word("state", one.state) : `${word("state", one.state)} · ${word("reason", one.reason)}`;

function summary(shown: readonly Stretch[], from: number): string {
  const live = shown.filter((one) => one.tone === "ok").reduce((sum, one) => sum + one.to - Math.max(from, one.from), 0);
  const known = shown.reduce((sum, one) => sum + one.to - Math.max(from, one.from), 0);
  return t("timeline.summary", { share: known === 0 ? "–" : ((100 * live) / known).toFixed(1) });
}

/** Newest first as the hub tells them: each lasts until the next one began. */
export function stretches(history: readonly StatusAt[], now: number): Stretch[] {
  let to = now;
  return history.map((one) => {
    const from = Math.min(Date.parse(one.since), to);
    const made = { ...one, from, to, tone: tone(one.state, one.reason) };
    to = from;
    return made;
  });
}
