import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import * as api from "../../api/client";
import type { Problem } from "../../api/client";
import type { HubEvent } from "../../api/types";
import { span, t, word } from "../../i18n";
import { stamp } from "../../i18n/time";
import type { EventList } from "../../store/eventlist";
import { go, href, route } from "../../store/route";
import { settle } from "../../store/session";
import { Dialog } from "../../ui/dialog";
import { Failed } from "../../ui/notice";
import { percent, ruleName } from "./card";
import { Picture } from "./picture";

/** More than this and the camera's own clock misleads whoever compares its picture with a statement. */
const CLOCK_FAULT_MS = 5_000;

/** One event in full; ← and → go through the list. */
export function Detail({ id, list }: { id: string; list: EventList | null }) {
  const [read, setRead] = useState<HubEvent | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [marks, setMarks] = useState(true);
  const events = list?.events.value ?? [];
  const at = events.findIndex((one) => one.id === id);
  const event = at >= 0 ? events[at]! : read?.id === id ? read : null;

  async function load(signal?: AbortSignal): Promise<void> {
    try {
      setProblem(null);
      setRead(await api.getEvent(id, signal));
    } catch (err) {
      if (!signal?.aborted) setProblem(settle(err));
    }
  }
  useEffect(() => {
    if (list?.events.value === null || at >= 0) return undefined;
    const stop = new AbortController();
    void load(stop.signal);
    return () => stop.abort();
  }, [id, list?.events.value === null]);

  const query = route.value.query;
  const step = (by: number): void => {
    const to = events[at + by];
    if (at >= 0 && to) go(href("events", query, to.id), true);
  };
  return (
    <Dialog
      wide
      label={event ? `${word("label", event.label)} · ${event.camera_name}` : t("event")}
      onClose={() => go(href("events", query))}
      onKeyDown={(key) => {
        if (key.key === "ArrowLeft") step(-1);
        if (key.key === "ArrowRight") step(1);
      }}
    >
      {problem && !event && <Failed problem={problem} retry={() => void load()} />}
      {!problem && !event && <div class="bone bone-picture" role="status" aria-label={t("loading")} />}
      {event && (
        <div class="detail">
          <div class="detail-picture">
            <Picture key={event.id} event={event} large marks={marks} />
            <div class="bar">
              <label class="check">
                <input type="checkbox" checked={marks} onChange={() => setMarks(!marks)} /> {t("detail.marks")}
              </label>
              <span class="grow" />
              <button type="button" disabled={at <= 0} onClick={() => step(-1)}>
                ← {t("detail.previous")}
              </button>
              <button type="button" disabled={at < 0 || at >= events.length - 1} onClick={() => step(1)}>
                {t("detail.next")} →
              </button>
            </div>
          </div>
          <Facts event={event} />
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
        {word("label", event.label)} <span class="muted">{word("group", event.group)}</span>
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
