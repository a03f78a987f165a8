import { useState } from "preact/hooks";
import { type CameraGaps, GAP_CAUSES, gapReport, type GapReport, recordingUsage, type RecordingUsage } from "../../api/recordings";
import { span, t, word } from "../../i18n";
import { minute, stamp } from "../../i18n/time";
import { useAsked } from "../../store/asked";
import { places, townshipName } from "../../store/cameras";
import { csv } from "../../store/online";
import { href } from "../../store/route";
import { may } from "../../store/session";
import { Icon } from "../../ui/icon";
import { Stale, Unread } from "../../ui/notice";
import { save } from "../../ui/save";
import { Segments } from "../../ui/tabs";
import { Windowed } from "../../ui/windowed";
import { Bar } from "./bar";
import "../../styles/gaps.css";

const DAY = 86_400_000;
const SPANS = { "1": DAY, "7": 7 * DAY, "30": 30 * DAY } as const;
type Length = keyof typeof SPANS;

const ROW = 44;
const ROW_NARROW = 92;

/** Whether what should be recorded is: room left, how complete it is, and every camera with gaps, those that last first. */
export function Recordings() {
  const [length, setLength] = useState<Length>("1");
  const [prefix, setPrefix] = useState("");
  const [cause, setCause] = useState("");
  const usage = useAsked((until) => recordingUsage(until));
  const { value: told, problem, again } = useAsked(
    (until) => gapReport({ since: Date.now() - SPANS[length], prefix, cause }, until),
    [length, prefix, cause],
  );
  return (
    <div class="panel">
      <div class="upkeep-head">
        <h2>
          {t("rec.title")} {told && told.totals.open > 0 && <b class="count bad">{told.totals.open}</b>}
        </h2>
        <Segments<Length>
          label={t("online.span")}
          value={length}
          options={[
            { value: "1", label: t("timeline.24h") },
            { value: "7", label: t("timeline.7d") },
            { value: "30", label: t("timeline.30d") },
          ]}
          onChange={setLength}
        />
      </div>
      {usage.value && <Room usage={usage.value} />}
      {told === null ? (
        <Unread problem={problem} retry={again} />
      ) : (
        <>
          {problem && <Stale problem={problem} />}
          <div class="rec-filters">
            <span class="rec-rate">
              <span class="muted small">{t("rec.rate")}</span> <Bar rate={told.totals.rate} />
            </span>
            <span class="grow" />
            <PlaceChoice value={prefix} onChange={setPrefix} />
            <select aria-label={t("gaps.cause")} value={cause} onChange={(event) => setCause(event.currentTarget.value)}>
              <option value="">{t("rec.anyCause")}</option>
              {GAP_CAUSES.map((one) => (
                <option key={one} value={one}>
                  {word("gap", one)}
                  {told.causes[one] ? ` · ${span(told.causes[one] * 1000)}` : ""}
                </option>
              ))}
            </select>
            <button type="button" disabled={told.cameras.length === 0} onClick={() => download(told)}>
              <Icon name="export" /> {t("rate.csv")}
            </button>
          </div>
          <List told={told} />
        </>
      )}
    </div>
  );
}

/** Beyond this an estimate says nothing. */
const MOST_DAYS = 3_650;

function leftText(days: number | null): string {
  if (days === null) return "—";
  if (days === 0) return t("rec.left.full");
  return days > MOST_DAYS ? t("rec.left.years") : t("rec.left.days", { n: Math.floor(days) });
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;

function Room({ usage }: { usage: RecordingUsage }) {
  const { days_left_estimate: left } = usage;
  return (
    <dl class="figures rec-room">
      <Figure name={t("rec.used")}>
        {gigabytes(usage.bytes)} / {gigabytes(usage.quota_bytes)}
      </Figure>
      <Figure name={t("rec.left")}>{leftText(left)}</Figure>
      <Figure name={t("rec.held")}>{gigabytes(usage.held_bytes)}</Figure>
      <Figure name={t("rec.oldest")}>{usage.oldest ? minute(usage.oldest) : "—"}</Figure>
      <Figure name={t("rec.writing")}>
        {usage.writing} / {usage.cameras}
      </Figure>
    </dl>
  );
}

const Figure = ({ name, children }: { name: string; children: preact.ComponentChildren }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

function PlaceChoice({ value, onChange }: { value: string; onChange: (code: string) => void }) {
  const known = [...places.value.values()].filter((one) => one.level !== "county");
  return (
    <select aria-label={t("rate.col.place")} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
      <option value="">{t("rec.anyPlace")}</option>
      {known.map((one) => (
        <option key={one.code} value={one.code}>
          {one.level === "village" ? `　${one.name}` : one.name}
        </option>
      ))}
    </select>
  );
}

const urgency = (one: CameraGaps): number => (one.open ? 1e12 : 0) + (one.due_s - one.recorded_s);

function List({ told }: { told: GapReport }) {
  const rows = told.cameras.filter((one) => one.gaps > 0 || one.open !== null).sort((a, b) => urgency(b) - urgency(a));
  const height = innerWidth > 820 ? ROW : ROW_NARROW;
  if (told.totals.streams === 0) return <p class="muted">{t("rec.nothingDue")}</p>;
  if (rows.length === 0)
    return (
      <p class="all-well">
        <Icon name="check" /> {t("rec.complete")}
      </p>
    );
  return (
    <div role="list" aria-label={t("gaps.title")}>
      <Windowed rows={rows} heightOf={() => height} keyOf={(one) => `${one.camera_id} ${one.stream}`}>
        {(one) => <Line line={one} />}
      </Windowed>
    </div>
  );
}

function Line({ line }: { line: CameraGaps }) {
  const where = line.open ? Date.parse(line.open.since) : Date.now();
  return (
    <div role="listitem" class="gap-line">
      <i class={`dot dot-${line.open ? "bad" : "wait"}`} />
      <span class="gap-name">
        <a href={href("cameras", undefined, line.camera_id)}>
          <bdi>{line.name}</bdi>
        </a>{" "}
        <span class="muted small">
          {townshipName(line.village_code)} {line.village_name} · {t(`stream.${line.stream}`)}
        </span>
      </span>
      <span class="gap-why">
        {line.open ? <b class="bad-word">{t("rec.open", { cause: word("gap", line.open.cause), span: span(Date.now() - where) })}</b> : <span class="muted">{t("rec.over")}</span>}
      </span>
      <span class="gap-few small">{t("rec.gaps", { n: line.gaps, longest: span(line.longest_s * 1000), all: span((line.due_s - line.recorded_s) * 1000) })}</span>
      <Bar rate={line.rate} />
      {may("see_recordings") && (
        <a class="button quiet small-button" href={href("playback", new URLSearchParams({ cameras: line.camera_id, at: new Date(where - 60_000).toISOString() }))}>
          {t("nav.playback")}
        </a>
      )}
    </div>
  );
}

/** Every stream of the span as a table that Excel opens in Chinese. */
function download(told: GapReport): void {
  const head = ["rate.csv.code", "rate.col.place", "rate.col.name", "play.stream", "rate.csv.due", "rec.csv.recorded", "rec.rate", "rec.csv.gaps", "rec.csv.longest", "rec.csv.open", "gaps.cause"] as const;
  const rows = told.cameras.map((one) => [
    one.village_code,
    one.village_name,
    one.name,
    t(`stream.${one.stream}`),
    one.due_s,
    one.recorded_s,
    one.rate ?? "",
    one.gaps,
    one.longest_s,
    one.open ? stamp(one.open.since) : "",
    one.open ? word("gap", one.open.cause) : "",
  ]);
  const name = t("rec.csv.file", { from: stamp(told.since).slice(0, 10), to: stamp(told.until).slice(0, 10) });
  save(new Blob([csv([head.map((one) => t(one)), ...rows])], { type: "text/csv;charset=utf-8" }), `${name}.csv`);
}
