import { useState } from "preact/hooks";
import type { Rule, Scene } from "../../../api/register";
import { EVENT_KINDS, GROUPS, LABELS, type LabelGroup } from "../../../api/types";
import { listed, t, word } from "../../../i18n";
import { parseClock } from "../../../i18n/time";
import { hourOf } from "../../../store/consentform";
import { asKind, MOST_OF_EACH, withNewRule, withRule } from "../../../store/scenedraft";
import { Field } from "../../../ui/field";
import { Icon } from "../../../ui/icon";

interface Props {
  scene: Scene;
  change: (scene: Scene) => void;
  locked: boolean;
}

/** What makes an event, each rule as a sentence that opens into its parts. */
export function Rules({ scene, change, locked }: Props) {
  const [open, setOpen] = useState<string | null>(null);
  return (
    <section class="panel scene-rules">
      <div class="row">
        <h2>{t("rules.title")}</h2>
        <span class="grow" />
        <button
          type="button"
          disabled={locked || scene.rules.length >= MOST_OF_EACH}
          onClick={() => {
            const kind = scene.zones.length > 0 ? "zone_entered" : scene.lines.length > 0 ? "line_crossed" : "object";
            const next = withNewRule(scene, kind, t("rules.newName", { n: scene.rules.length + 1 }));
            change(next);
            setOpen(next.rules.at(-1)!.id);
          }}
        >
          <Icon name="add" /> {t("rules.add")}
        </button>
      </div>
      {scene.rules.length === 0 && <p class="hint">{t("rules.none")}</p>}
      <ul class="scene-rules">
        {scene.rules.map((rule, index) => (
          <li key={rule.id} class={rule.enabled ? "scene-rule" : "scene-rule scene-rule-off"}>
            <div class="row">
              <button type="button" class="rule-say" aria-expanded={open === rule.id} onClick={() => setOpen(open === rule.id ? null : rule.id)}>
                <Icon name={open === rule.id ? "down" : "right"} />
                <span>
                  <strong>{nameOf(rule)}</strong> <span class="muted">{sentence(rule, scene)}</span>
                </span>
              </button>
            </div>
            {open === rule.id && (
              <fieldset class="plain" disabled={locked}>
                <RuleFields
                  rule={rule}
                  scene={scene}
                  set={(part) => change(withRule(scene, index, part))}
                  remove={() => change({ ...scene, rules: scene.rules.filter((one) => one !== rule) })}
                />
              </fieldset>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The hub's own two rules have names in its own tongue. */
const nameOf = (rule: Rule): string =>
  rule.name === "object" || rule.name === "unknown" ? word("rule", rule.name === "object" ? "object" : "unknown_moving") : rule.name;

/** A rule as people say it. */
export function sentence(rule: Rule, scene: Scene): string {
  const groups = rule.groups.length === 0 ? [] : rule.groups.map((one) => word("group", one));
  const labels = [...rule.labels].map((one) => word("label", one));
  const what = labels.length > 0 ? listed(labels) : groups.length > 0 ? listed(groups) : t("rules.anything");
  const zone = scene.zones.find((one) => one.id === rule.zone)?.name;
  const line = scene.lines.find((one) => one.id === rule.line);
  const score = Math.round(rule.min_score * 100);
  const way = rule.direction === null ? t("rules.bothWays") : rule.direction === "in" ? (line?.in_name ?? "") : (line?.out_name ?? "");
  const says =
    rule.kind === "zone_entered"
      ? t("rules.say.zone", { what, zone: zone ?? "?" })
      : rule.kind === "line_crossed"
        ? t("rules.say.line", { what, line: line?.name ?? "?", way })
        : rule.kind === "unknown_moving"
          ? t("rules.say.unknown")
          : zone === undefined
            ? t("rules.say.object", { what })
            : t("rules.say.objectIn", { what, zone });
  const when = rule.schedule === null ? "" : `${hourOf(rule.schedule.from_minute)}–${hourOf(rule.schedule.to_minute)}`;
  const sure = rule.kind === "unknown_moving" ? "" : t("rules.say.score", { n: score });
  return [says, when, sure, rule.enabled ? "" : t("rules.say.off")].filter(Boolean).join(" · ");
}

interface FieldsProps {
  rule: Rule;
  scene: Scene;
  set: (part: Partial<Rule>) => void;
  remove: () => void;
}

function RuleFields({ rule, scene, set, remove }: FieldsProps) {
  const flip = (group: LabelGroup): void =>
    set({ groups: rule.groups.includes(group) ? rule.groups.filter((one) => one !== group) : [...rule.groups, group] });
  const flipLabel = (label: string): void =>
    set({ labels: rule.labels.includes(label) ? rule.labels.filter((one) => one !== label) : [...rule.labels, label] });
  const line = scene.lines.find((one) => one.id === rule.line);
  return (
    <>
      <div class="fields">
        <Field label={t("rules.name")}>
          {(wired) => <input {...wired} name="rule-name" maxLength={64} value={rule.name} onInput={(event) => set({ name: event.currentTarget.value })} />}
        </Field>
        <Field label={t("filter.kind")}>
          {(wired) => (
            <select {...wired} name="rule-kind" value={rule.kind} onChange={(event) => set(asKind(scene, rule, EVENT_KINDS.find((one) => one === event.currentTarget.value) ?? rule.kind))}>
              {EVENT_KINDS.map((one) => (
                <option
                  key={one}
                  value={one}
                  disabled={(one === "zone_entered" && scene.zones.length === 0) || (one === "line_crossed" && scene.lines.length === 0)}
                >
                  {word("rule", one)}
                </option>
              ))}
            </select>
          )}
        </Field>
        {(rule.kind === "zone_entered" || rule.kind === "object") && scene.zones.length > 0 && (
          <Field label={t("rules.zone")}>
            {(wired) => (
              <select {...wired} name="rule-zone" value={rule.zone ?? ""} onChange={(event) => set({ zone: event.currentTarget.value || null })}>
                {rule.kind === "object" && <option value="">{t("rules.wholePicture")}</option>}
                {scene.zones.map((one) => (
                  <option key={one.id} value={one.id}>
                    {one.name}
                  </option>
                ))}
              </select>
            )}
          </Field>
        )}
        {rule.kind === "line_crossed" && (
          <>
            <Field label={t("rules.line")}>
              {(wired) => (
                <select {...wired} name="rule-line" value={rule.line ?? ""} onChange={(event) => set({ line: event.currentTarget.value })}>
                  {scene.lines.map((one) => (
                    <option key={one.id} value={one.id}>
                      {one.name}
                    </option>
                  ))}
                </select>
              )}
            </Field>
            <Field label={t("fact.direction")}>
              {(wired) => (
                <select {...wired} name="rule-direction" value={rule.direction ?? ""} onChange={(event) => set({ direction: (event.currentTarget.value || null) as Rule["direction"] })}>
                  <option value="">{t("rules.bothWays")}</option>
                  <option value="in">{line?.in_name}</option>
                  <option value="out">{line?.out_name}</option>
                </select>
              )}
            </Field>
          </>
        )}
        {rule.kind !== "unknown_moving" && (
          <Field label={t("rules.score")}>
            {(wired) => (
              <select {...wired} name="rule-score" value={String(rule.min_score)} onChange={(event) => set({ min_score: Number(event.currentTarget.value) })}>
                {[...new Set([0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, rule.min_score])].sort((a, b) => a - b).map((one) => (
                  <option key={one} value={String(one)}>
                    ≥ {Math.round(one * 100)}%
                  </option>
                ))}
              </select>
            )}
          </Field>
        )}
        <Hours rule={rule} set={set} />
      </div>
      {rule.kind !== "unknown_moving" && (
        <>
          <div class="chips" role="group" aria-label={t("filter.group")}>
            {GROUPS.filter((one) => one !== "unknown").map((one) => (
              <button key={one} type="button" class="chip" aria-pressed={rule.groups.includes(one)} onClick={() => flip(one)}>
                {word("group", one)}
              </button>
            ))}
          </div>
          <details>
            <summary class="small">{t("rules.labels")}</summary>
            <div class="chips" role="group" aria-label={t("rules.labels")}>
              {LABELS.map((one) => (
                <button key={one} type="button" class="chip" aria-pressed={rule.labels.includes(one)} onClick={() => flipLabel(one)}>
                  {word("label", one)}
                </button>
              ))}
            </div>
          </details>
        </>
      )}
      <div class="row">
        <label class="check">
          <input type="checkbox" checked={rule.enabled} onChange={(event) => set({ enabled: event.currentTarget.checked })} />
          <span>{t("rules.enabled")}</span>
        </label>
        <span class="grow" />
        <button type="button" class="danger small-button" onClick={remove}>
          {t("rules.remove")}
        </button>
      </div>
    </>
  );
}

/** Local hours in which the rule holds, as one field: empty is always. */
function Hours({ rule, set }: Pick<FieldsProps, "rule" | "set">) {
  const said = rule.schedule === null ? "" : `${hourOf(rule.schedule.from_minute)}-${hourOf(rule.schedule.to_minute)}`;
  const [text, setText] = useState(said);
  const [wrong, setWrong] = useState(false);
  function take(typed: string): void {
    setText(typed);
    const [from, to] = typed.split(/[-–—~至]/, 2).map((one) => parseClock(one));
    const fine = typed.trim() === "" || (from && to && from !== to);
    setWrong(!fine);
    if (typed.trim() === "") set({ schedule: null });
    else if (from && to && from !== to) set({ schedule: { from_minute: minutes(from), to_minute: minutes(to) } });
  }
  return (
    <Field label={t("rules.hours")} hint={t("rules.hours.hint")} error={wrong ? t("filter.night.hint") : null}>
      {(wired) => <input {...wired} name="rule-hours" maxLength={13} placeholder={t("filter.allDay")} value={text} onInput={(event) => take(event.currentTarget.value)} />}
    </Field>
  );
}

const minutes = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));
