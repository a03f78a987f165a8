import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import * as api from "../../api/client";
import type { Problem } from "../../api/client";
import { sceneOf, type SceneThen } from "../../api/events";
import { EventStream } from "../../api/stream";
import type { HubEvent } from "../../api/types";
import { span, t, word } from "../../i18n";
import { stamp } from "../../i18n/time";
import type { EventList } from "../../store/eventlist";
import { say, toggled } from "../../store/marks";
import { go, href, route } from "../../store/route";
import { endSession, forgetPurpose, may, settle } from "../../store/session";
import { Dialog } from "../../ui/dialog";
import { Icon } from "../../ui/icon";
import { useKeys } from "../../ui/keys";
import { Failed } from "../../ui/notice";
import { Around } from "./around";
import { percent, ruleName } from "./card";
import { Footage, type Seen, SeenChoice, Still } from "./footage";
import { MarkBox } from "./markbox";
import { Picture } from "./picture";
import { Play } from "./play";
import { Raise } from "./raise";
import { ToCase } from "./tocase";

/** More than this and the camera's own clock misleads whoever compares its picture with a statement. */
const CLOCK_FAULT_MS = 5_000;

interface Read {
  event: HubEvent | null;
  problem: Problem | null;
  put: (event: HubEvent) => void;
  again: () => void;
}

/** The event as the list has it, or read by itself and followed while it goes on: a link opens the same for a colleague. */
function useEvent(id: string, list: EventList | null): Read {
  const [read, setRead] = useState<HubEvent | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [round, setRound] = useState(0);
  const listed = list?.events.value?.find((one) => one.id === id);
  const alone = list !== null && list.events.value !== null && !listed;

  useEffect(() => {
    if (!alone) return undefined;
    const stop = new AbortController();
    setProblem(null);
    api.getEvent(id, stop.signal).then(setRead, (err: unknown) => {
      if (!stop.signal.aborted) setProblem(settle(err));
    });
    const stream = new EventStream(api.streamAddress(`/events/stream?id=${encodeURIComponent(id)}`), {
      event: (changed) => setRead((now) => (now === null || changed.revision >= now.revision ? changed : now)),
      lost: () => setRound((now) => now + 1),
      open: (gap) => gap && setRound((now) => now + 1),
      down: () => undefined,
      ended: (why) => (why === "session" ? endSession() : forgetPurpose()),
    });
    return () => {
      stop.abort();
      stream.close();
    };
  }, [id, alone, round]);

  return {
    event: listed ?? (read?.id === id ? read : null),
    problem,
    put: (event) => {
      list?.put(event);
      setRead((now) => (now?.id === event.id ? { ...now, mark: event.mark } : now));
    },
    again: () => setRound(round + 1),
  };
}

/** The scene of the event's time; without it the picture shows the box alone. */
function useScene(event: HubEvent | null): SceneThen | null {
  const [scene, setScene] = useState<{ of: string; scene: SceneThen } | null>(null);
  const key = event ? `${event.camera_id}/${event.scene_revision}` : "";
  useEffect(() => {
    if (!event || event.scene_revision <= 0 || scene?.of === key) return undefined;
    const stop = new AbortController();
    sceneOf(event, stop.signal).then(
      (found) => setScene({ of: key, scene: found }),
      (err: unknown) => {
        if (!stop.signal.aborted) settle(err);
      },
    );
    return () => stop.abort();
  }, [key]);
  return scene?.of === key ? scene.scene : null;
}

const asCamera = (event: HubEvent) => ({
  id: event.camera_id,
  name: event.camera_name,
  village_name: event.village_name,
  kind: event.camera_kind,
});

/** One event in full; ← and → go through the list. */
export function Detail({ id, list }: { id: string; list: EventList | null }) {
  const { event, problem, put, again } = useEvent(id, list);
  const [marks, setMarks] = useState(true);
  const [seen, setSeen] = useState<Seen>("picture");
  const scene = useScene(event);
  const events = list?.events.value ?? [];
  const at = events.findIndex((one) => one.id === id);

  const query = route.value.query;
  const close = (): void => go(href("events", query));
  const step = (by: number): void => {
    const to = events[at + by];
    if (at >= 0 && to) go(href("events", query, to.id), true);
    if (at + by >= events.length - 2) void list?.more();
  };
  useKeys(
    t("event"),
    [
      { keys: ["arrowright", "j"], label: t("detail.next"), run: () => step(1) },
      { keys: ["arrowleft", "k"], label: t("detail.previous"), run: () => step(-1) },
      { keys: ["u"], label: word("verdict", "useful"), run: () => event && void say([event], toggled([event], "useful"), put) },
      { keys: ["f"], label: word("verdict", "false"), run: () => event && void say([event], toggled([event], "false"), put) },
      { keys: ["n"], label: t("mark.note"), run: () => document.getElementById("event-note")?.focus() },
      { keys: ["v"], label: t("detail.footage"), run: () => may("see_recordings") && setSeen(seen === "footage" ? "picture" : "footage") },
      { keys: ["b"], label: t("detail.marks"), run: () => setMarks(!marks) },
    ],
    true,
  );
  return (
    <Dialog wide label={event ? `${word("label", event.label)} · ${event.camera_name}` : t("event")} onClose={close}>
      {problem && !event && <Failed problem={problem} retry={again} />}
      {!problem && !event && <div class="bone bone-picture" role="status" aria-label={t("loading")} />}
      {event && (
        <div class="detail">
          <div class="detail-picture">
            {seen === "footage" ? (
              <Footage event={event} />
            ) : seen === "still" && event.still_url !== null ? (
              <Still event={event} source={event.still_url} />
            ) : (
              <Picture key={event.id} event={event} large marks={marks} scene={scene} />
            )}
            <div class="bar">
              <SeenChoice event={event} seen={seen} onChange={setSeen} />
              {(seen === "picture" || (seen === "still" && event.still_url === null)) && (
                <label class="check">
                  <input type="checkbox" checked={marks} onChange={() => setMarks(!marks)} /> {t("detail.marks")}
                </label>
              )}
              <span class="grow" />
              {may("watch_live") && <Play key={event.camera_id} camera={asCamera(event)} />}
              <button type="button" disabled={at <= 0} onClick={() => step(-1)}>
                <Icon name="left" />
                {t("detail.previous")}
              </button>
              <button type="button" disabled={at < 0 || at >= events.length - 1} onClick={() => step(1)}>
                {t("detail.next")}
                <Icon name="right" />
              </button>
            </div>
            <Around event={event} />
          </div>
          <div class="detail-side">
            <MarkBox key={event.id} event={event} put={put} />
            {may("work_cases") && <ToCase key={`${event.id}-case`} event={event} />}
            {may("work_incidents") && <Raise key={`${event.id}-raise`} event={event} />}
            <Facts event={event} />
          </div>
        </div>
      )}
    </Dialog>
  );
}

function Facts({ event }: { event: HubEvent }) {
  const started = Date.parse(event.started_at);
  const ended = event.ended_at === null ? null : Date.parse(event.ended_at);
  const offset = event.clock_offset_ms;
  return (
    <dl class="facts">
      <Fact name={t("fact.what")}>
        {word("label", event.label)}{" "}
        {word("label", event.label) !== word("group", event.group) && <span class="muted">{word("group", event.group)}</span>}
      </Fact>
      <Fact name={t("fact.score")}>{percent(event.score)}</Fact>
      <Fact name={t("fact.rule")}>
        <a href={href("events", new URLSearchParams({ rule: event.rule_id }))}>{ruleName(event)}</a>{" "}
        {ruleName(event) !== word("rule", event.kind) && <span class="muted">{word("rule", event.kind)}</span>}
      </Fact>
      {event.direction && <Fact name={t("fact.direction")}>{event.direction}</Fact>}
      <Fact name={t("fact.where")}>
        <a href={href("events", new URLSearchParams({ camera: event.camera_id }))}>{event.camera_name}</a>{" "}
        <span class="tag">{word("kind", event.camera_kind)}</span>
        <br />
        {event.village_name} <span class="muted time">{event.village_code}</span>
      </Fact>
      <Fact name={t("fact.started")}>
        <span class="time">{stamp(started)}</span>
      </Fact>
      <Fact name={t("fact.ended")}>
        {ended === null ? (
          <span class="ongoing-word">{t("event.ongoing")}</span>
        ) : (
          <>
            <span class="time">{stamp(ended)}</span> <span class="muted">{span(ended - started)}</span>
          </>
        )}
      </Fact>
      <Fact name={t("fact.cameraClock")}>
        {offset === null ? (
          <span class="muted">{t("fact.cameraClock.unknown")}</span>
        ) : (
          <>
            <span class="time">{stamp(started + offset)}</span>{" "}
            <span class={Math.abs(offset) > CLOCK_FAULT_MS ? "bad-word" : "muted"}>
              {t(offset < 0 ? "fact.cameraClock.slow" : "fact.cameraClock.fast", { n: Math.abs(offset / 1000).toFixed(1) })}
            </span>
          </>
        )}
      </Fact>
      {event.snapshot_at && (
        <Fact name={t("fact.pictureAt")}>
          <span class="time">{stamp(event.snapshot_at)}</span>
        </Fact>
      )}
      <Fact name={t("fact.received")}>
        <span class="time">{stamp(event.received_at)}</span>
      </Fact>
      <Fact name={t("fact.model")}>{event.model}</Fact>
      <Fact name={t("fact.id")}>
        <code>{event.id}</code>
      </Fact>
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
