import { useEffect, useMemo, useState } from "preact/hooks";
import { readGround } from "../../api/map";
import { t, word } from "../../i18n";
import { ask, type Asked, type Known, type Named, OF_GROUP } from "../../store/asking";
import { cameras, places, refresh } from "../../store/cameras";
import { circle, type Filters, read } from "../../store/filters";
import { homeCode } from "../../store/ground";
import { purpose, settle } from "../../store/session";
import { Icon } from "../../ui/icon";
import { moreWords } from "./what";
import { whenText } from "./when";
import { apply } from "./sentence";

const MOST = 200;
const EMPTY = read(new URLSearchParams());

/** The ways into the villages that may be named: of what the purpose reaches, else of one's own. */
function useEntrances(): readonly Named[] {
  const [found, setFound] = useState<readonly Named[]>([]);
  const codes = purpose.value?.places ?? [homeCode() ?? ""].filter(Boolean);
  useEffect(() => {
    const stop = new AbortController();
    Promise.all(codes.map((one) => readGround(one, stop.signal))).then(
      (all) => setFound(all.flatMap((ground) => ground.entrances)),
      (err: unknown) => !stop.signal.aborted && settle(err), // their names stay unknown, and are underlined
    );
    return () => stop.abort();
  }, [codes.join()]);
  return found;
}

/** A sentence is typed, what is understood of it shows as chips, and a press searches by those. */
export function AskForm({ close }: { close: () => void }) {
  const [text, setText] = useState("");
  const entrances = useEntrances();
  useEffect(() => void (cameras.peek() === null && refresh()), []);
  const known: Known = useMemo(
    () => ({
      now: Date.now(),
      places: [...places.value.values()].map((one) => ({ id: one.code, name: one.name })),
      cameras: (cameras.value ?? []).map((one) => ({ id: one.id, name: one.name, lat: one.lat, lon: one.lon })),
      entrances,
    }),
    [places.value, cameras.value, entrances],
  );
  const asked = useMemo(() => ask(text, known), [text, known]);
  const chips = chipsOf(asked, known);
  const unknown = asked.parts.some((one) => !one.known);

  function run(event: Event): void {
    event.preventDefault();
    if (chips.length === 0) return;
    apply({ ...EMPTY, ...asked.filters }, false);
    close();
  }

  return (
    <form class="ask" role="search" aria-label={t("ask.open")} onSubmit={run}>
      <div class="row">
        <input
          type="search"
          autofocus
          class="grow"
          maxLength={MOST}
          aria-label={t("ask.label")}
          placeholder={t("ask.example")}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={(key) => {
            if (key.key === "Escape") close();
          }}
        />
        <button type="button" class="quiet icon-button" aria-label={t("close")} onClick={close}>
          <Icon name="close" />
        </button>
      </div>
      {text.trim() !== "" && (
        <div class="ask-read" role="status">
          {unknown && (
            <p class="ask-said">
              {t("ask.unknown")} {asked.parts.map((one, n) => (one.known ? <span key={n}>{one.text}</span> : <u key={n} class="ask-unknown">{one.text}</u>))}
            </p>
          )}
          {chips.length === 0 ? (
            <p class="muted">{t("ask.nothing")}</p>
          ) : (
            <ul class="ask-chips" aria-label={t("ask.understood")}>
              {chips.map((one) => (
                <li key={one} class="tag">
                  {one}
                </li>
              ))}
            </ul>
          )}
          <button type="submit" class="primary" disabled={chips.length === 0}>
            {t(unknown ? "ask.runPart" : "ask.run")}
          </button>
        </div>
      )}
    </form>
  );
}

/** What the search would ask, one condition a chip. */
function chipsOf({ filters }: Asked, known: Known): string[] {
  const f: Filters = { ...EMPTY, ...filters };
  return [
    f.since || f.until || f.last || f.night ? whenText(f, known.now) : "",
    ...f.place.map((code) => known.places.find((one) => one.id === code)?.name ?? code),
    ...f.camera.map((id) => known.cameras.find((one) => one.id === id)?.name ?? id),
    f.near ? nearText(f.near, known) : "",
    ...f.group.map((one) => word("group", one)),
    ...labelWords(f.label),
    ...moreWords(f),
  ].filter(Boolean);
}

/** Where the circle is, by the name of what stands in its middle. */
function nearText(drawn: string, known: Known): string {
  const one = circle(drawn)!;
  const at = (other: Named): boolean => other.lat?.toFixed(6) === one.lat.toFixed(6) && other.lon?.toFixed(6) === one.lon.toFixed(6);
  const named = [...known.entrances, ...known.cameras].find(at);
  return `${named?.name ?? ""} ${t("near", { m: Math.round(one.radius_m) })}`.trim();
}

/** A group's name in place of all of its labels. */
function labelWords(labels: readonly string[]): string[] {
  const whole = Object.entries(OF_GROUP).filter(([, those]) => those.every((one) => labels.includes(one)));
  const under = whole.flatMap(([, those]) => those);
  return [...whole.map(([group]) => word("group", group)), ...labels.filter((one) => !under.includes(one)).map((one) => word("label", one))];
}
