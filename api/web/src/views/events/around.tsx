import { useEffect, useState } from "preact/hooks";
import { type Around as Found, around } from "../../api/events";
import type { Problem } from "../../api/client";
import type { HubEvent } from "../../api/types";
import { problemText, t, word } from "../../i18n";
import { stamp } from "../../i18n/time";
import { go, href, route } from "../../store/route";
import { settle } from "../../store/session";
import { Picture } from "./picture";

/** Going through events with a key held down asks for the neighbours of the last alone. */
const PAUSE_MS = 300;

/** What this camera saw before and after, and what others of the village saw at that minute. */
export function Around({ event }: { event: HubEvent }) {
  const [found, setFound] = useState<Found | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    setFound(null);
    setProblem(null);
    const timer = setTimeout(() => {
      around(event, stop.signal).then(setFound, (err: unknown) => {
        if (!stop.signal.aborted) setProblem(settle(err));
      });
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [event.id]);
  if (problem) return <p class="muted small">{problemText(problem)}</p>;
  return (
    <div class="around" aria-busy={found === null}>
      <Strip
        title={t("around.camera")}
        none={t("around.camera.none")}
        events={found && [...found.before, event, ...found.after]}
        here={event.id}
      />
      <Strip title={t("around.village")} none={t("around.village.none")} events={found && found.beside} here={event.id} named />
    </div>
  );
}

interface StripProps {
  title: string;
  none: string;
  events: readonly HubEvent[] | null;
  here: string;
  /** Cameras are named: they differ. */
  named?: boolean;
}

function Strip({ title, none, events, here, named = false }: StripProps) {
  const others = events?.filter((one) => one.id !== here).length ?? 0;
  return (
    <section>
      <h3>{title}</h3>
      {events === null && <div class="bone bone-strip" />}
      {events !== null && others === 0 && <p class="muted small">{none}</p>}
      {events !== null && others > 0 && (
        <ul class="strip-list">
          {events.map((one) => (
            <li key={one.id} class={one.id === here ? "strip-here" : ""}>
              <a
                href={href("events", route.value.query, one.id)}
                aria-current={one.id === here ? "true" : undefined}
                onClick={(press) => {
                  press.preventDefault();
                  go(href("events", route.peek().query, one.id), true);
                }}
              >
                <Picture event={one} />
                <span class="time small">{stamp(one.started_at).slice(11)}</span>
                <span class="small">{named ? one.camera_name : word("label", one.label)}</span>
              </a>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
