import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { type Camera, EVENT_KINDS, GROUPS, LABELS } from "../../api/types";
import { t, word } from "../../i18n";
import { minute, parseLocal } from "../../i18n/time";
import { cameras, townshipName } from "../../store/cameras";
import { count, type Filters, LASTS, night, read, write } from "../../store/filters";
import type { EventList } from "../../store/eventlist";
import { go, href, route } from "../../store/route";
import { byVillage } from "../../store/cameras";
import { ruleName } from "./card";

const SCORES = ["0.3", "0.5", "0.7", "0.9"];
const NIGHT = "22:00-04:30";

function apply(filters: Filters): void {
  go(href("events", write(filters)), true);
}

/** The filter bar; each change goes to the URL, and the list follows the URL. */
export function FilterBar({ list: shown }: { list: EventList | null }) {
  const f = read(route.value.query);
  const [open, setOpen] = useState(false);
  const [further, setFurther] = useState(Boolean(f.label || f.kind || f.rule || f.score));
  const set = (change: Partial<Filters>): void => apply({ ...f, ...change });
  const active = count(f);
  const list = cameras.value ?? [];
  return (
    <div class={open ? "filters filters-open" : "filters"} role="search" aria-label={t("filters")}>
      <button type="button" class="filters-toggle" aria-expanded={open} onClick={() => setOpen(!open)}>
        {t("filters")} {active > 0 && <b class="count">{active}</b>}
      </button>
      <LinkState list={shown} />
      <div class="filters-body">
        <Where f={f} list={list} set={set} />
        <div class="pick">
          <span>{t("filter.group")}</span>
          <div class="chips" role="group" aria-label={t("filter.group")}>
            {GROUPS.map((one) => (
              <button
                key={one}
                type="button"
                class="chip"
                aria-pressed={f.group.includes(one)}
                onClick={() =>
                  set({ group: f.group.includes(one) ? f.group.filter((other) => other !== one) : [...f.group, one] })
                }
              >
                {word("group", one)}
              </button>
            ))}
          </div>
        </div>
        <When f={f} set={set} />
        <Pick label={t("filter.order")}>
          <select value={f.order} onChange={(event) => set({ order: event.currentTarget.value })}>
            <option value="">{t("order.newest")}</option>
            <option value="oldest">{t("order.oldest")}</option>
          </select>
        </Pick>
        <button type="button" class="quiet" aria-expanded={further} onClick={() => setFurther(!further)}>
          {t("filters.further")} {further ? "▴" : "▾"}
        </button>
        {further && <Further f={f} set={set} shown={shown} />}
        {active > 0 && (
          <button type="button" class="quiet clear" onClick={() => apply(read(new URLSearchParams()))}>
            {t("filters.clear")}
          </button>
        )}
      </div>
    </div>
  );
}

/** The filters one needs less often, on a row of their own. Rules are offered as the events shown name them. */
function Further({ f, set, shown }: Part & { shown: EventList | null }) {
  const rules = new Map(shown?.events.value?.map((one) => [one.rule_id, ruleName(one)]));
  if (f.rule && !rules.has(f.rule)) rules.set(f.rule, f.rule);
  return (
    <div class="further">
        <Pick label={t("filter.label")}>
          <select value={f.label} onChange={(event) => set({ label: event.currentTarget.value })}>
            <option value="">{t("any")}</option>
            {[...new Set([...LABELS, ...(f.label ? [f.label] : [])])].map((one) => (
              <option key={one} value={one}>
                {word("label", one)}
              </option>
            ))}
          </select>
        </Pick>
        <Pick label={t("filter.kind")}>
          <select value={f.kind} onChange={(event) => set({ kind: event.currentTarget.value })}>
            <option value="">{t("any")}</option>
            {EVENT_KINDS.map((one) => (
              <option key={one} value={one}>
                {word("rule", one)}
              </option>
            ))}
          </select>
        </Pick>
        <Pick label={t("filter.rule")}>
          <select value={f.rule} onChange={(event) => set({ rule: event.currentTarget.value })}>
            <option value="">{t("any")}</option>
            {[...rules].map(([id, name]) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </Pick>
        <Pick label={t("filter.score")}>
          <select value={f.score} onChange={(event) => set({ score: event.currentTarget.value })}>
            <option value="">{t("any")}</option>
            {SCORES.map((one) => (
              <option key={one} value={one}>
                ≥ {Number(one) * 100}%
              </option>
            ))}
          </select>
        </Pick>
    </div>
  );
}

/** Whether new events come by themselves. Nothing to say where none can: the range is past. */
function LinkState({ list }: { list: EventList | null }) {
  const link = list?.link.value;
  if (!link) return null;
  return (
    <span class={`link link-${link}`} role="status">
      <i class={`dot dot-${link === "live" ? "ok" : link === "offline" ? "bad" : "wait"}`} /> {t(`link.${link}`)}
    </span>
  );
}

type Part = { f: Filters; set: (change: Partial<Filters>) => void };

/** Only places that have cameras are offered: others can hold no events. */
function Where({ f, set, list }: Part & { list: readonly Camera[] }) {
  const villages = byVillage(list);
  const townships = [...new Set(villages.map((one) => one.code.slice(0, 9)))];
  const inPlace = villages.filter((one) => one.code.startsWith(f.place));
  return (
    <>
      <Pick label={t("filter.place")}>
        <select value={f.place} onChange={(event) => set({ place: event.currentTarget.value, camera: "" })}>
          <option value="">{t("any")}</option>
          {townships.map((code) => (
            <optgroup key={code} label={townshipName(code)}>
              <option value={code}>{t("filter.wholeTownship", { name: townshipName(code) })}</option>
              {villages
                .filter((one) => one.code.startsWith(code))
                .map((one) => (
                  <option key={one.code} value={one.code}>
                    {one.name}
                  </option>
                ))}
            </optgroup>
          ))}
        </select>
      </Pick>
      <Pick label={t("filter.camera")}>
        <select value={f.camera} onChange={(event) => set({ camera: event.currentTarget.value })}>
          <option value="">{t("any")}</option>
          {inPlace.map((village) => (
            <optgroup key={village.code} label={village.name}>
              {village.cameras.map((one) => (
                <option key={one.id} value={one.id}>
                  {one.name}
                </option>
              ))}
            </optgroup>
          ))}
        </select>
      </Pick>
    </>
  );
}

function When({ f, set }: Part) {
  const own = !f.last && Boolean(f.since || f.until);
  const [typing, setTyping] = useState(own);
  useEffect(() => setTyping(own), [own]);
  return (
    <>
      <Pick label={t("filter.time")}>
        <select
          value={typing ? "own" : f.last}
          onChange={(event) => {
            const last = event.currentTarget.value;
            setTyping(last === "own");
            if (last === "own") set({ last: "", since: minute(Date.now() - 86_400_000), until: "" });
            else set({ last, since: "", until: "" });
          }}
        >
          <option value="">{t("last.default")}</option>
          {Object.keys(LASTS).map((one) => (
            <option key={one} value={one}>
              {t(`last.${one as keyof typeof LASTS}`)}
            </option>
          ))}
          <option value="own">{t("last.own")}</option>
        </select>
      </Pick>
      {typing && (
        <Pick label={t("filter.fromTo")}>
          <span class="pair">
            <Text
              value={f.since}
              set={(since) => set({ since })}
              right={(text) => text === "" || parseLocal(text) !== null}
              hint={t("filter.time.hint")}
              placeholder="2026-11-23 22:00"
              width={15}
              label={t("filter.since")}
            />
            –
            <Text
              value={f.until}
              set={(until) => set({ until })}
              right={(text) => text === "" || parseLocal(text) !== null}
              hint={t("filter.time.hint")}
              placeholder={t("filter.now")}
              width={15}
              label={t("filter.until")}
            />
          </span>
        </Pick>
      )}
      <Pick label={t("filter.night")}>
        <span class="pair">
          <Text
            value={f.night}
            set={(text) => set({ night: text })}
            right={(text) => text === "" || night(text) !== null}
            hint={t("filter.night.hint")}
            placeholder={t("filter.allDay")}
            width={9}
          />
          <button
            type="button"
            class="chip"
            aria-pressed={f.night === NIGHT}
            onClick={() => set({ night: f.night === NIGHT ? "" : NIGHT })}
          >
            {t("filter.nightly")}
          </button>
        </span>
      </Pick>
    </>
  );
}

function Pick({ label, children }: { label: string; children: ComponentChildren }) {
  return (
    <label class="pick">
      <span>{label}</span>
      {children}
    </label>
  );
}

interface TextProps {
  value: string;
  set: (text: string) => void;
  right?: (text: string) => boolean;
  hint?: string;
  placeholder: string;
  width: number;
  label?: string;
}

/** A text that counts when one leaves the field or presses Enter; what cannot be read is marked and not sent. */
function Text({ value, set, right = () => true, hint, placeholder, width, label }: TextProps) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const wrong = !right(text.trim());
  const take = (): void => {
    if (!wrong && text.trim() !== value) set(text.trim());
  };
  return (
    <input
      value={text}
      size={width}
      maxLength={100}
      placeholder={placeholder}
      aria-label={label}
      aria-invalid={wrong}
      title={wrong ? hint : undefined}
      spellcheck={false}
      onInput={(event) => setText(event.currentTarget.value)}
      onBlur={take}
      onKeyDown={(event) => {
        if (event.key === "Enter") take();
      }}
    />
  );
}
