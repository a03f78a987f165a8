import { t } from "../../i18n";
import { minute, parseLocal } from "../../i18n/time";
import { day, type Filters, lastNight, LASTS, night } from "../../store/filters";
import { reachedTimes } from "../../store/reach";
import { purpose } from "../../store/session";
import { type Part, Slot, Typed } from "./parts";

const NIGHT = "22:00-04:30";

interface Preset {
  name: "1h" | "24h" | "today" | "night" | "yesterday" | "7d" | "default";
  is: Pick<Filters, "last" | "since" | "until">;
}

function presets(now: number): Preset[] {
  const last = (name: keyof typeof LASTS): Preset => ({ name, is: { last: name, since: "", until: "" } });
  return [
    last("1h"),
    { name: "night", is: { last: "", ...lastNight(now) } },
    { name: "today", is: { last: "", ...day(now, 0) } },
    { name: "yesterday", is: { last: "", ...day(now, 1) } },
    last("24h"),
    last("7d"),
    { name: "default", is: { last: "", since: "", until: "" } },
  ];
}

const chosen = (f: Filters, now: number): Preset | undefined =>
  presets(now).find(({ is }) => is.last === f.last && is.since === f.since && is.until === f.until);

/** Of the two ends, the year only where it is not this one. */
function shortly(text: string, now: number): string {
  const at = parseLocal(text);
  if (!at) return text;
  const full = minute(at);
  return full.startsWith(minute(now).slice(0, 5)) ? full.slice(5) : full;
}

export function whenText(f: Filters, now: number): string {
  const preset = chosen(f, now);
  const reached = preset?.name === "default" ? reachedTimes(purpose.value, now) : null;
  const span = preset
    ? (reached ?? t(`last.${preset.name}`))
    : `${f.since ? shortly(f.since, now) : t("when.until")} – ${f.until ? shortly(f.until, now) : t("filter.now")}`;
  const window = night(f.night);
  return window ? `${span}${t("when.daily", { window: window.join("–") })}` : span;
}

/** When: a span one names, or from–to as typed; and hours of each day. */
export function When({ f, set }: Part) {
  const now = Date.now();
  const preset = chosen(f, now);
  return (
    <Slot
      name="when"
      label={t("filter.time")}
      text={whenText(f, now)}
      active={Boolean(f.last || f.since || f.until || f.night)}
    >
      {(close) => (
        <div class="when">
          <div class="presets" role="group" aria-label={t("filter.time")}>
            {presets(now).map((one) => (
              <button
                key={one.name}
                type="button"
                class="menu-item"
                aria-pressed={one.name === preset?.name}
                onClick={() => {
                  set(one.is);
                  close();
                }}
              >
                {(one.name === "default" && reachedTimes(purpose.value, now)) || t(`last.${one.name}`)}
              </button>
            ))}
          </div>
          <div class="when-own">
            <Typed
              label={t("filter.since")}
              value={f.since}
              set={(since) => set({ since, last: "" })}
              right={(text) => text === "" || parseLocal(text) !== null}
              hint={t("filter.time.hint")}
              placeholder="2026-11-23 22:00"
            />
            <Typed
              label={t("filter.until")}
              value={f.until}
              set={(until) => set({ until, last: "" })}
              right={(text) => text === "" || parseLocal(text) !== null}
              hint={t("filter.time.hint")}
              placeholder={t("filter.now")}
            />
            <Typed
              label={t("filter.night")}
              value={f.night}
              set={(window) => set({ night: window })}
              right={(text) => text === "" || night(text) !== null}
              hint={t("filter.night.hint")}
              placeholder={t("filter.allDay")}
            />
            <button
              type="button"
              class="chip"
              aria-pressed={f.night === NIGHT}
              onClick={() => set({ night: f.night === NIGHT ? "" : NIGHT })}
            >
              {t("filter.nightly")} {NIGHT.replace("-", "–")}
            </button>
          </div>
        </div>
      )}
    </Slot>
  );
}
