import { EVENT_KINDS, GROUPS, type HubEvent, LABELS } from "../../api/types";
import { span, t, word } from "../../i18n";
import { circle, type Filters, near, SAID } from "../../store/filters";
import { Field } from "../../ui/field";
import { Segments } from "../../ui/tabs";
import { Icon } from "../../ui/icon";
import { ruleName } from "./card";
import { Choices, type Part, Slot } from "./parts";

const STAYS = ["30", "60", "120", "300", "600", "1800"] as const;
const SCORES = ["", "0.3", "0.5", "0.7", "0.9"] as const;
const NAMED = 3;

const joined = (words: string[]): string =>
  words.length <= NAMED
    ? words.join(t("list.and"))
    : t("what.more", { names: words.slice(0, NAMED - 1).join(t("list.and")), n: words.length });

export function whatText(f: Filters): string {
  const words = [...f.group.map((one) => word("group", one)), ...f.label.map((one) => word("label", one))];
  return words.length === 0 ? t("what.any") : joined(words);
}

/** What: groups, and single labels. */
export function What({ f, set }: Part) {
  return (
    <Slot name="what" label={t("filter.group")} text={whatText(f)} active={f.group.length + f.label.length > 0}>
      {() => (
        <div class="what">
          <Choices
            label={t("filter.group")}
            values={GROUPS}
            chosen={f.group}
            word={(one) => word("group", one)}
            onChange={(group) => set({ group })}
          />
          <Choices
            label={t("filter.label")}
            values={[...new Set([...LABELS, ...f.label])]}
            chosen={f.label}
            word={(one) => word("label", one)}
            onChange={(label) => set({ label })}
          />
        </div>
      )}
    </Slot>
  );
}

/** The further conditions in words, one by one. */
export function moreWords(f: Filters, rules: ReadonlyMap<string, string> = new Map()): string[] {
  return [
    ...f.kind.map((one) => word("rule", one)),
    ...f.rule.map((one) => rules.get(one) ?? one),
    ...(f.score ? [`≥ ${Math.round(Number(f.score) * 100)}%`] : []),
    ...f.verdict.map((one) => word("verdict", one)),
    ...(f.stays ? [t("filter.stays.said", { span: span(Number(f.stays) * 1000) })] : []),
    ...(f.direction === "in" || f.direction === "out" ? [t(f.direction === "in" ? "filter.direction.in" : "filter.direction.out")] : []),
    ...(f.order ? [t("order.oldest")] : []),
  ];
}

function moreText(f: Filters, rules: ReadonlyMap<string, string>): string {
  const said = moreWords(f, rules);
  return said.length === 0 ? t("filters.further") : joined(said);
}

/** The further conditions. Rules are offered as the events shown name them. */
export function More({ f, set, shown }: Part & { shown: readonly HubEvent[] }) {
  const rules = new Map(shown.map((one) => [one.rule_id, ruleName(one)]));
  for (const one of f.rule) if (!rules.has(one)) rules.set(one, one);
  const active = f.kind.length + f.rule.length + f.verdict.length > 0 || Boolean(f.score || f.order || f.stays || f.direction);
  return (
    <Slot name="more" label={t("filters.further")} text={moreText(f, rules)} active={active}>
      {() => (
        <div class="what">
          <Choices
            label={t("filter.kind")}
            values={EVENT_KINDS}
            chosen={f.kind}
            word={(one) => word("rule", one)}
            onChange={(kind) => set({ kind })}
          />
          {rules.size > 0 && (
            <Choices
              label={t("filter.rule")}
              values={[...rules.keys()]}
              chosen={f.rule}
              word={(one) => rules.get(one) ?? one}
              onChange={(rule) => set({ rule })}
            />
          )}
          <Choices
            label={t("filter.verdict")}
            values={SAID}
            chosen={f.verdict}
            word={(one) => word("verdict", one)}
            onChange={(verdict) => set({ verdict })}
          />
          <Field label={t("filter.score")}>
            {(wired) => (
              <select {...wired} value={f.score} onChange={(event) => set({ score: event.currentTarget.value })}>
                {SCORES.map((one) => (
                  <option key={one} value={one}>
                    {one === "" ? t("any") : `≥ ${Number(one) * 100}%`}
                  </option>
                ))}
              </select>
            )}
          </Field>
          <Field label={t("filter.stays")}>
            {(wired) => (
              <select {...wired} value={f.stays} onChange={(event) => set({ stays: event.currentTarget.value })}>
                {[...new Set(["", ...STAYS, f.stays])].map((one) => (
                  <option key={one} value={one}>
                    {one === "" ? t("any") : span(Number(one) * 1000)}
                  </option>
                ))}
              </select>
            )}
          </Field>
          <Choices
            label={t("filter.direction")}
            values={["in", "out"]}
            chosen={[f.direction]}
            word={(one) => t(one === "in" ? "filter.direction.in" : "filter.direction.out")}
            onChange={(chosen) => set({ direction: chosen.find((one) => one !== f.direction && one !== "") ?? "" })}
          />
          <fieldset class="choose">
            <legend>{t("filter.order")}</legend>
            <Segments<Order>
              label={t("filter.order")}
              value={f.order === "oldest" ? "oldest" : "newest"}
              options={ORDERS.map((one) => ({ value: one, label: t(`order.${one}`) }))}
              onChange={(one) => set({ order: one === "oldest" ? one : "" })}
            />
          </fieldset>
        </div>
      )}
    </Slot>
  );
}

const ORDERS = ["newest", "oldest"] as const;
type Order = (typeof ORDERS)[number];

/** The circle drawn on the map, in words. */
export function Around({ f, set }: Part) {
  const drawn = circle(f.near);
  if (!drawn) return null;
  return (
    <span class="slot-circle">
      <Icon name="place" />
      {t("near", { m: Math.round(drawn.radius_m) })}
      <button type="button" class="quiet icon-button" aria-label={t("near.clear")} onClick={() => set({ near: near(null) })}>
        <Icon name="close" />
      </button>
    </span>
  );
}
