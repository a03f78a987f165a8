import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { type Passer, type Decision, decide, DECISIONS, readStrip, type Strip, type StripFilter } from "../../../api/pursuit";
import type { Problem } from "../../../api/client";
import { problemText, span, t, word } from "../../../i18n";
import { stamp } from "../../../i18n/time";
import { href } from "../../../store/route";
import { settle } from "../../../store/session";
import { useKeys } from "../../../ui/keys";
import { Failed, Notice, Stale, Unread } from "../../../ui/notice";
import { toast } from "../../../ui/toast";
import { calledOf, Direction, GroupChips, type Shared, spoken, Thumb, TONES } from "./parts";
import { Moving } from "./moving";
import { useSmall } from "./small";

interface Props extends Shared {
  camera: string;
  /** Something was decided. */
  decided: () => void;
}

const MANY = 400;

/** One camera's passers as thumbnails in time order, decided by keys: what is hidden is counted beside what is shown. */
export function CandidateStrip({ of, camera, groups, setGroups, decided }: Props) {
  const [rest, setRest] = useState<Omit<StripFilter, "group">>({ direction: "", min_s: "", motion: "quiet", decision: [] });
  const filter = useMemo(() => ({ ...rest, group: groups }), [rest, groups]);
  const { strip, shown, problem, more, again, put } = useStrip(of.id, camera, filter);
  const small = useSmall(shown);
  const [at, setAt] = useState(0);
  const undone = useRef<Passer[]>([]);
  /** Things that are being decided. */
  const under = useRef(new Set<string>());
  const one = shown[Math.min(at, shown.length - 1)];
  const step = (by: number): void => setAt((was) => Math.max(0, Math.min(shown.length - 1, Math.min(was, shown.length - 1) + by)));

  async function say(about: Passer | undefined, decision: Decision, undo = false): Promise<void> {
    if (!about || under.current.has(about.thing)) return;
    under.current.add(about.thing);
    // On at once: the next key is for the next one, and where one went meanwhile one stays.
    if (!undo) step(1);
    try {
      const made = await decide(of.id, about.thing, decision, about.revision);
      if (!undo) undone.current.push(about);
      put({ ...about, decision, revision: made.revision, decided_by: made.decided_by, decided_at: made.decided_at });
      decided();
    } catch (err) {
      toast(problemText(settle(err)), { tone: "bad" });
      again();
    }
    under.current.delete(about.thing);
  }

  function takeBack(): void {
    // What is being decided is the last: it can be taken back once the hub has it.
    if (under.current.size > 0) return;
    const last = undone.current.pop();
    const now = last && shown.find((other) => other.thing === last.thing);
    if (last && now) void say({ ...now }, last.decision, true);
  }

  const columns = useRef<HTMLDivElement>(null);
  const row = (): number => {
    const first = columns.current?.firstElementChild;
    return first && columns.current ? Math.max(1, Math.floor(columns.current.clientWidth / (first.clientWidth || 1))) : 1;
  };
  useKeys(t("track.strip"), [
    { keys: ["arrowright"], label: t("track.keys.next"), run: () => step(1) },
    { keys: ["arrowleft"], label: t("track.keys.last"), run: () => step(-1) },
    { keys: ["arrowdown"], run: () => step(row()) },
    { keys: ["arrowup"], run: () => step(-row()) },
    { keys: ["k", "1"], label: word("decision", "keep"), run: () => void say(one, "keep") },
    { keys: ["d", "0"], label: word("decision", "drop"), run: () => void say(one, "drop") },
    { keys: ["s"], label: word("decision", "star"), run: () => void say(one, "star") },
    { keys: ["u"], label: t("track.undo"), run: takeBack },
  ]);

  useEffect(() => {
    columns.current?.children[Math.min(at, shown.length - 1)]?.scrollIntoView({ block: "nearest" });
  }, [at]);

  if (strip === null) return <Unread problem={problem} retry={again} />;
  return (
    <section class="track-strip" aria-label={strip.camera_name}>
      {problem && <Stale problem={problem} />}
      <Filters {...{ groups, setGroups, rest, setRest }} />
      <Counted strip={strip} shown={shown.length} />
      {small.problem && <Failed problem={small.problem} retry={small.again} />}
      {shown.length === 0 ? (
        <Notice title={t(strip.total === 0 ? "track.nobody" : "track.allHidden")}>{strip.unwatched_s > 0 && t("track.nobody.blind")}</Notice>
      ) : (
        <div class="track-desk">
          <div class="track-thumbs" ref={columns} role="listbox" aria-label={t("track.passersOf", { name: strip.camera_name })} tabIndex={0}>
            {shown.map((each, index) => (
              <button
                type="button"
                key={each.thing}
                role="option"
                aria-selected={each === one}
                aria-label={spoken(each)}
                class={`track-thumb track-${each.decision}`}
                onClick={() => setAt(index)}
              >
                <Thumb one={each} small={small.of(each)} />
                <span class="track-thumb-foot">
                  <time dateTime={each.at}>{stamp(each.at).slice(5, 16)}</time>
                  {each.event_id === null && <span>{span(each.stay_s * 1000)}</span>}
                  {each.way && <span aria-hidden="true">{each.way === "in" ? "↘" : "↗"}</span>}
                  <span class="track-sign" aria-hidden="true">
                    {{ open: "", keep: "✓", drop: "✕", star: "★" }[each.decision]}
                  </span>
                </span>
              </button>
            ))}
            {more && (
              <button type="button" class="quiet" onClick={more}>
                {t("track.more")}
              </button>
            )}
          </div>
          {one && <Chosen one={one} camera={camera} say={(decision) => void say(one, decision)} undo={takeBack} />}
        </div>
      )}
    </section>
  );
}

/** A strip in pages of 200: each is read when it is wanted, so that the first is there at once. */
function useStrip(id: string, camera: string, filter: StripFilter) {
  const [strip, setStrip] = useState<Strip | null>(null);
  const [shown, setShown] = useState<Passer[]>([]);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [round, setRound] = useState(0);
  const stop = useRef<AbortController | null>(null);
  async function read(skip: number, kept: number): Promise<void> {
    stop.current?.abort();
    const own = (stop.current = new AbortController());
    try {
      const found = await readStrip(id, camera, filter, skip, own.signal);
      if (own.signal.aborted) return;
      setStrip(found);
      setShown((was) => [...was.slice(0, kept), ...found.candidates]);
      setProblem(null);
    } catch (err) {
      if (!own.signal.aborted) setProblem(settle(err));
    }
  }
  useEffect(() => {
    void read(0, 0);
    return () => stop.current?.abort();
  }, [id, camera, filter, round]);
  const next = strip?.next_skip ?? null;
  return {
    strip,
    shown,
    problem,
    again: () => setRound(round + 1),
    put: (one: Passer) => setShown((was) => was.map((other) => (other.thing === one.thing ? one : other))),
    more: next === null ? null : () => void read(next, Math.max(next, MANY)),
  };
}

function Filters({
  groups,
  setGroups,
  rest,
  setRest,
}: Pick<Shared, "groups" | "setGroups"> & { rest: Omit<StripFilter, "group">; setRest: (rest: Omit<StripFilter, "group">) => void }) {
  return (
    <div class="toolbar">
      <GroupChips groups={groups} setGroups={setGroups} />
      <label class="track-pick">
        {t("track.direction")}
        <select value={rest.direction} onChange={(event) => setRest({ ...rest, direction: event.currentTarget.value as StripFilter["direction"] })}>
          <option value="">{t("track.any")}</option>
          <option value="in">{t("track.in")}</option>
          <option value="out">{t("track.out")}</option>
        </select>
      </label>
      <label class="track-pick">
        {t("track.least")}
        <select value={rest.min_s} onChange={(event) => setRest({ ...rest, min_s: event.currentTarget.value })}>
          {["", "2", "10", "60", "120"].map((one) => (
            <option key={one} value={one}>
              {one === "" ? t("track.any") : t("track.seconds", { n: one })}
            </option>
          ))}
        </select>
      </label>
      <label class="track-pick">
        {t("track.motionOnly")}
        <select value={rest.motion} onChange={(event) => setRest({ ...rest, motion: event.currentTarget.value as StripFilter["motion"] })}>
          {(["quiet", "all", "none"] as const).map((one) => (
            <option key={one} value={one}>
              {t(`track.motion.${one}`)}
            </option>
          ))}
        </select>
      </label>
      <label class="track-pick">
        {t("track.decision")}
        <select
          value={rest.decision[0] ?? ""}
          onChange={(event) => setRest({ ...rest, decision: event.currentTarget.value ? [event.currentTarget.value as Decision] : [] })}
        >
          <option value="">{t("track.any")}</option>
          {DECISIONS.map((one) => (
            <option key={one} value={one}>
              {word("decision", one)}
            </option>
          ))}
        </select>
      </label>
    </div>
  );
}

/** What is on the strip and what is not: together they are all that passed, and when nobody watched. */
function Counted({ strip, shown }: { strip: Strip; shown: number }) {
  const hidden = Object.entries(strip.hidden);
  const rest = strip.total - shown - hidden.reduce((sum, [, n]) => sum + n, 0);
  return (
    <p class="track-counted" role="status">
      {t("track.counted", { shown, total: strip.total })}
      {hidden.map(([by, n]) => (
        <span class="tag" key={by}>
          {t("track.hiddenBy", { what: word("hiddenBy", by), n })}
        </span>
      ))}
      {rest > 0 && <span class="tag">{t("track.further", { n: rest })}</span>}
      {strip.moved > 0 && <span class="tag">{t("track.moved", { n: strip.moved })}</span>}
      {strip.motion_more > 0 && <span class="tag tag-bad">{t("track.motionMore", { n: strip.motion_more })}</span>}
      {strip.cut && <span class="tag tag-bad">{t("track.cut")}</span>}
      {strip.unwatched.slice(0, 3).map((one) => (
        <span class="tag tag-bad" key={one.since}>
          {t("track.dark", { from: stamp(one.since).slice(5, 16), to: stamp(one.until).slice(5, 16) })}
        </span>
      ))}
      {strip.unwatched.length > 3 && <span class="tag tag-bad">{t("track.unwatched", { for: span(strip.unwatched_s * 1000) })}</span>}
    </p>
  );
}

function Chosen({ one, camera, say, undo }: { one: Passer; camera: string; say: (decision: Decision) => void; undo: () => void }) {
  return (
    <aside class="track-chosen panel">
      {one.event_id === null ? <Moving key={one.thing} camera={camera} one={one} /> : <Thumb one={one} large />}
      <p>
        <strong>{calledOf(one)}</strong> <Direction one={one} />
        {one.decision !== "open" && <span class={`tag ${TONES[one.decision]}`}>{word("decision", one.decision)}</span>}
        <br />
        <time dateTime={one.at}>{stamp(one.at)}</time> <span class="muted">{t("track.stay", { for: span(one.stay_s * 1000) })}</span>
      </p>
      {one.decided_at && <p class="muted small">{t("track.by", { name: one.decided_by, at: stamp(one.decided_at) })}</p>}
      <div class="row desk-only">
        {(["keep", "drop", "star"] as const).map((decision) => (
          <button type="button" key={decision} aria-pressed={one.decision === decision} onClick={() => say(decision)}>
            {word("decision", decision)} <kbd>{{ keep: "K", drop: "D", star: "S" }[decision]}</kbd>
          </button>
        ))}
        <button type="button" class="quiet" onClick={undo}>
          {t("track.undo")} <kbd>U</kbd>
        </button>
      </div>
      <a class="button quiet" href={href("playback", new URLSearchParams({ cameras: camera, at: one.at }))}>
        {t("play.whole")}
      </a>
    </aside>
  );
}
