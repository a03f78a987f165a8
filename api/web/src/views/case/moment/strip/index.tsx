import { useEffect, useMemo, useState } from "preact/hooks";
import { caseCameras } from "../../../../api/cases";
import type { Problem } from "../../../../api/client";
import { hubNow } from "../../../../api/hubclock";
import { type Answer, type Cell, type Part, readStrip, type Strip as Found } from "../../../../api/stills";
import type { Case } from "../../../../api/types";
import { t, word } from "../../../../i18n";
import { minute, parseLocal, stamp } from "../../../../i18n/time";
import { useAsked } from "../../../../store/asked";
import { cameras as known, refresh } from "../../../../store/cameras";
import { reaches } from "../../../../store/casepurpose";
import { settle } from "../../../../store/session";
import { Field } from "../../../../ui/field";
import { Failed, Notice, Unread } from "../../../../ui/notice";
import { Segments } from "../../../../ui/tabs";
import { Toolbar } from "../../../../ui/toolbar";
import type { StepProps } from "../../steps";
import "../../../../styles/strip.css";
import { Changes } from "./changes";
import { Closer } from "./closer";
import { dayOf, daysIn, type GridCell, HOUR, MOST_DAYS, rowsOf, type Row } from "./days";
import { Draw } from "./draw";
import { Grid } from "./grid";
import { Helper } from "./helper";
import { marked, type Marks, type Transition, transitions } from "./marks";
import { readDays } from "./pictures";

const DAY = 24 * HOUR;
const SHOWN_MS = 250;
const TEN = 10;
const MOST_CLOSER = 25 * HOUR;
const HOURS = Array.from({ length: 24 }, (_, n) => String(n).padStart(2, "0"));
const TENS = Array.from({ length: 6 }, (_, n) => `:${n}0`);

interface Choice {
  camera: string;
  from: number;
  to: number;
}

/** The film strip: which camera, which days; then its cells. */
export function Strip({ of }: StepProps) {
  const chosen = useAsked((until) => caseCameras(of.id, until), [of.id]);
  const [choice, setChoice] = useState<Choice | null>(null);
  useEffect(() => {
    if (known.peek() === null) void refresh();
  }, []);
  if (chosen.value === null) return <Unread problem={chosen.problem} retry={chosen.again} />;
  return (
    <div class="film">
      <Pick of={of} first={chosen.value.map((one) => ({ id: one.camera_id, name: one.name, village: one.village_name }))} onPick={setChoice} />
      {choice ? <Days key={`${choice.camera} ${choice.from} ${choice.to}`} of={of} choice={choice} /> : <Notice title={t("strip.choose")}>{t("strip.choose.means")}</Notice>}
    </div>
  );
}

interface PickProps {
  of: Case;
  /** The case's cameras; others in one's villages come after them. */
  first: readonly { id: string; name: string; village: string }[];
  onPick: (choice: Choice) => void;
}

function Pick({ of, first, onPick }: PickProps) {
  const now = hubNow();
  const latest = Math.min(of.ends_at ? Date.parse(of.ends_at) : now, now);
  const earliest = Math.max(of.starts_at ? Date.parse(of.starts_at) : latest - 7 * DAY, latest - (MOST_DAYS - 1) * DAY);
  const others = (known.value ?? []).filter((one) => one.kind !== "wifi_probe" && reaches(one.village_code) && !first.some((own) => own.id === one.id));
  const [camera, setCamera] = useState(first[0]?.id ?? "");
  const [from, setFrom] = useState(minute(earliest));
  const [to, setTo] = useState(minute(latest));
  const [since, until] = [parseLocal(from), parseLocal(to)];
  const wrong = since && until && (until <= since || until.getTime() - since.getTime() > MOST_DAYS * DAY) ? t("strip.window", { n: MOST_DAYS }) : null;
  const pick = (): void => onPick({ camera, from: since!.getTime(), to: until!.getTime() });
  useEffect(() => {
    if (camera) pick();
  }, []);
  return (
    <form
      class="row strip-pick"
      onSubmit={(event) => {
        event.preventDefault();
        pick();
      }}
    >
      <Field label={t("strip.camera")}>
        {(wired) => (
          <select {...wired} value={camera} onChange={(event) => setCamera(event.currentTarget.value)}>
            <option value="">{t("strip.camera.none")}</option>
            {first.length > 0 && (
              <optgroup label={t("strip.camera.case")}>
                {first.map((one) => (
                  <option key={one.id} value={one.id}>
                    {one.village} {one.name}
                  </option>
                ))}
              </optgroup>
            )}
            {others.length > 0 && (
              <optgroup label={t("strip.camera.others")}>
                {others.map((one) => (
                  <option key={one.id} value={one.id}>
                    {one.village_name} {one.name}
                  </option>
                ))}
              </optgroup>
            )}
          </select>
        )}
      </Field>
      <Field label={t("strip.from")}>{(wired) => <input {...wired} class="time" value={from} maxLength={19} aria-invalid={since === null} onInput={(event) => setFrom(event.currentTarget.value)} />}</Field>
      <Field label={t("strip.to")}>{(wired) => <input {...wired} class="time" value={to} maxLength={19} aria-invalid={until === null} onInput={(event) => setTo(event.currentTarget.value)} />}</Field>
      <button type="submit" class="primary" disabled={!camera || !since || !until || wrong !== null}>
        {t("strip.open")}
      </button>
      {wrong && <span class="error">{wrong}</span>}
    </form>
  );
}

type Level = { sort: "days" } | { sort: "day"; begin: number } | { sort: "closer"; from: number; to: number };

function Days({ of, choice }: { of: Case; choice: Choice }) {
  const { value: strip, problem, again } = useAsked((until) => readStrip(choice.camera, choice.from, choice.to, until), [choice]);
  if (strip === null) return <Unread problem={problem} retry={again} />;
  if (strip.days.length === 0) return <Nothing strip={strip} />;
  return <Board of={of} choice={choice} strip={strip} />;
}

function Nothing({ strip }: { strip: Found }) {
  return (
    <Notice title={t("strip.empty")}>
      {t(strip.every_minutes === 0 ? "strip.empty.off" : "strip.empty.means")}
      {strip.hidden_until && <p>{t("strip.hidden", { at: stamp(strip.hidden_until) })}</p>}
    </Notice>
  );
}

function Board({ of, choice, strip }: { of: Case; choice: Choice; strip: Found }) {
  const hours = usePictures(strip, strip.days, 60);
  const [level, setLevel] = useState<Level>({ sort: "days" });
  const [looked, setLooked] = useState<GridCell | null>(null);
  const [part, setPart] = useState<Part | null>(null);
  const [stretched, setStretched] = useState(true);
  const [marks, setMarks] = useState<Marks>(new Map());
  const [tool, setTool] = useState<Answer>("in");
  const [helped, setHelped] = useState<Transition | null>(null);
  const rows = useMemo(() => rowsOf(strip, hours.cells, choice, DAY, HOUR), [hours.cells]);
  // What is looked for is there at the beginning: a box is drawn around it.
  const first = useMemo(() => rows.flatMap((one) => one.cells).find((one) => one.picture !== null) ?? null, [rows]);
  const stage = looked?.picture ? looked : first;
  const changes = transitions(marks);
  const mark = (at: number, answer: Answer): void => {
    setMarks(marked(marks, at, answer));
    // One says first where it is, then where it is not; and of what lies between the two the same.
    if (answer !== "unknown" && !marks.has(at)) setTool(answer === "in" ? "out" : "in");
  };
  const closer = (one: Transition): void => setLevel({ sort: "closer", from: one.from, to: one.to + 1 });
  const shared = { marks, stretched, tool, onMark: mark };
  return (
    <>
      {hours.problem && <Failed problem={hours.problem} retry={hours.again} />}
      <div class="strip-top">
        <Draw strip={strip} at={stage?.at ?? null} picture={stage?.picture ?? null} part={part} onPart={setPart} />
        <div class="strip-side">
          <h2>{t("strip.changes")}</h2>
          <Changes of={of} strip={strip} list={changes} onCloser={closer} onHelp={part ? setHelped : null} />
          <p class="muted small">{t("strip.how")}</p>
          <Told strip={strip} done={hours.done} />
        </div>
      </div>
      {helped && part && (
        <Helper
          key={`${helped.from}-${helped.to}`}
          strip={strip}
          from={helped.from}
          to={helped.to}
          part={part}
          stretched={stretched}
          onFound={(lastIn, firstOut) => setMarks((was) => new Map([...was, [lastIn, "in"], [firstOut, "out"]]))}
          onClose={() => setHelped(null)}
        />
      )}
      <Toolbar label={t("strip.tools")}>
        <Where level={level} onLevel={setLevel} />
        <Segments<Answer> label={t("strip.tool")} value={tool} options={(["in", "out", "unknown"] as const).map((value) => ({ value, label: word("answer", value) }))} onChange={setTool} />
        <label class="check">
          <input type="checkbox" checked={stretched} onChange={(event) => setStretched(event.currentTarget.checked)} />
          <span>{t("strip.stretch")}</span>
        </label>
        <span class="grow" />
        <button type="button" class="quiet" disabled={marks.size === 0} onClick={() => setMarks(new Map())}>
          {t("strip.forget")}
        </button>
      </Toolbar>
      {level.sort === "days" && (
        <Grid {...shared} label={t("strip.days")} rows={rows} columns={HOURS} part={part} onLook={setLooked} onRow={(row: Row) => setLevel({ sort: "day", begin: row.begin })} />
      )}
      {level.sort === "day" && <OneDay {...shared} strip={strip} choice={choice} begin={level.begin} part={part} onLook={setLooked} />}
      {level.sort === "closer" &&
        (level.to - level.from > MOST_CLOSER ? (
          <Notice title={t("strip.tooFar")}>{t("strip.tooFar.means")}</Notice>
        ) : (
          <Closer {...shared} key={`${level.from}-${level.to}`} strip={strip} from={level.from} to={level.to} part={part} />
        ))}
    </>
  );
}

/** What is special of what one sees: how far it is read, masks, and that the view may have changed. */
function Told({ strip, done }: { strip: Found; done: number }) {
  return (
    <p class="muted small" role="status">
      {done < strip.days.length ? t("strip.reading", { n: done, of: strip.days.length }) : t("strip.read", { n: strip.days.reduce((sum, one) => sum + one.at.length, 0) })}
      {strip.scenes.length > 0 && ` · ${t("strip.scene", { at: strip.scenes.map((at) => minute(at)).join(t("list.and")) })}`}
      {strip.hidden_until && ` · ${t("strip.hidden", { at: minute(strip.hidden_until) })}`}
    </p>
  );
}

function Where({ level, onLevel }: { level: Level; onLevel: (level: Level) => void }) {
  if (level.sort === "days") return <strong>{t("strip.days")}</strong>;
  return (
    <span class="row">
      <button type="button" class="quiet" onClick={() => onLevel({ sort: "days" })}>
        ‹ {t("strip.days")}
      </button>
      <strong class="time">{level.sort === "day" ? stamp(level.begin).slice(0, 10) : `${stamp(level.from).slice(5)} – ${stamp(level.to).slice(5)}`}</strong>
    </span>
  );
}

interface OneDayProps {
  strip: Found;
  choice: Choice;
  begin: number;
  part: Part | null;
  stretched: boolean;
  marks: Marks;
  tool: Answer;
  onMark: (at: number, answer: Answer) => void;
  onLook: (cell: GridCell) => void;
}

/** One day by ten minutes: rows are hours. */
function OneDay({ strip, choice, begin, ...rest }: OneDayProps) {
  const end = dayOf(begin + DAY + DAY / 2);
  const days = useMemo(() => daysIn(strip, begin, end), [begin]);
  const { cells, problem, again } = usePictures(strip, days, TEN);
  const rows = useMemo(() => {
    const window = { from: Math.max(begin, choice.from), to: Math.min(end, choice.to) };
    return rowsOf(strip, cells, { from: begin, to: end }, HOUR, TEN * 60_000).filter((row) => row.begin < window.to && row.begin + HOUR > window.from);
  }, [cells]);
  if (problem) return <Failed problem={problem} retry={again} />;
  return <Grid {...rest} label={t("strip.byTen")} rows={rows} columns={TENS} />;
}

/** The pictures of some days, as they come. */
function usePictures(strip: Found, days: Found["days"], apart: number): { cells: readonly Cell[]; done: number; problem: Problem | null; again: () => void } {
  const [cells, setCells] = useState<readonly Cell[]>([]);
  const [done, setDone] = useState(0);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [round, setRound] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    setCells([]);
    setDone(0);
    setProblem(null);
    // Days come quickly: hundreds of cells are not gone through anew for each of them.
    let [came, read]: [Cell[], number] = [[], 0];
    const show = (): void => {
      const [some, days] = [came, read];
      [came, read] = [[], 0];
      if (days === 0) return;
      setCells((was) => [...was, ...some]);
      setDone((was) => was + days);
    };
    const timer = setInterval(show, SHOWN_MS);
    const each = (some: Cell[]): void => {
      came = [...came, ...some];
      read += 1;
    };
    readDays(days, apart, each, stop.signal)
      .catch((err: unknown) => {
        if (!stop.signal.aborted) setProblem(settle(err));
      })
      .finally(() => {
        clearInterval(timer);
        if (!stop.signal.aborted) show();
      });
    return () => {
      clearInterval(timer);
      stop.abort();
    };
  }, [strip, days, round]);
  return { cells, done, problem, again: () => setRound(round + 1) };
}
