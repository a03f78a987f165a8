import { useEffect, useState } from "preact/hooks";
import { type AlertRule, type AlertTarget, changeRule, createRule, type Hours, listTargets, type NewAlertRule } from "../../api/alerts";
import type { Problem } from "../../api/client";
import { EVENT_KINDS, GROUPS } from "../../api/types";
import { problemText, t, word } from "../../i18n";
import { hhmm } from "../../i18n/time";
import { settle } from "../../store/session";
import { Field } from "../../ui/field";
import { bare } from "./rules";
import { Where } from "./where";

const EMPTY: NewAlertRule = {
  name: "",
  reason: "",
  enabled: true,
  watch: { place: [], camera: [], kind: [], group: [], label: [], min_score: 0, hours: null },
  quiet: null,
  page: true,
  sound: false,
  targets: [],
};
const DRAFT = "alert-rule";
const NIGHT: Hours = { from_minute: 22 * 60, to_minute: 5 * 60 };

const minuteOf = (text: string): number => Number(text.slice(0, 2)) * 60 + Number(text.slice(3, 5));

/** What was typed for a new rule, kept while a session ends and begins again. */
function draft(): NewAlertRule {
  try {
    return { ...EMPTY, ...(JSON.parse(sessionStorage.getItem(DRAFT) ?? "{}") as Partial<NewAlertRule>) };
  } catch {
    return EMPTY;
  }
}

function toggled<T>(list: readonly T[], one: T): T[] {
  return list.includes(one) ? list.filter((other) => other !== one) : [...list, one];
}

export function RuleForm({ rule, done, overtaken }: { rule: AlertRule | null; done: () => void; overtaken: () => void }) {
  const [made, setMade] = useState<NewAlertRule>(rule ? bare(rule) : draft());
  const [targets, setTargets] = useState<AlertTarget[]>([]);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    listTargets().then(setTargets, (err) => setProblem(settle(err)));
  }, []);
  useEffect(() => {
    if (!rule) sessionStorage.setItem(DRAFT, JSON.stringify(made));
  }, [made, rule]);

  const set = (change: Partial<NewAlertRule>): void => setMade({ ...made, ...change });
  const watch = (change: Partial<NewAlertRule["watch"]>): void => set({ watch: { ...made.watch, ...change } });
  const wrong = (path: string): string | undefined => {
    const found = problem?.fields.find((one) => one.path.replace(/^body\./, "").startsWith(path));
    return found && t(found.code === "missing" || found.code.startsWith("string_too_short") ? "alerts.needed" : "alerts.wrong");
  };

  async function save(event: Event): Promise<void> {
    event.preventDefault();
    setBusy(true);
    try {
      await (rule ? changeRule(rule.id, rule.revision, made) : createRule(made));
      if (!rule) sessionStorage.removeItem(DRAFT);
      done();
    } catch (err) {
      const problem = settle(err);
      setProblem(problem);
      if (problem.code === "alert_rule_stale") overtaken(); // opened again, it is of the rule as it is now
    } finally {
      setBusy(false);
    }
  }

  return (
    <form class="rule-form" onSubmit={(event) => void save(event)}>
      <div class="fields">
        <Field label={t("alerts.rule.name")} error={wrong("name")}>
          {(wired) => (
            <input {...wired} required maxLength={64} autofocus value={made.name} onInput={(event) => set({ name: event.currentTarget.value })} />
          )}
        </Field>
        <Field label={t("alerts.reason")} hint={t("alerts.reason.hint")} error={wrong("reason")}>
          {(wired) => (
            <input {...wired} required minLength={2} maxLength={200} value={made.reason} onInput={(event) => set({ reason: event.currentTarget.value })} />
          )}
        </Field>
      </div>
      <Where watch={made.watch} change={watch} />
      <fieldset>
        <legend>{t("alerts.what")}</legend>
        <div class="chips">
          {GROUPS.map((one) => (
            <button key={one} type="button" class="chip" aria-pressed={made.watch.group.includes(one)} onClick={() => watch({ group: toggled(made.watch.group, one) })}>
              {word("group", one)}
            </button>
          ))}
        </div>
        <div class="chips">
          {EVENT_KINDS.map((one) => (
            <button key={one} type="button" class="chip" aria-pressed={made.watch.kind.includes(one)} onClick={() => watch({ kind: toggled(made.watch.kind, one) })}>
              {word("rule", one)}
            </button>
          ))}
        </div>
        <p class="field-hint">{t("alerts.what.hint")}</p>
      </fieldset>
      <HoursField label={t("alerts.hours")} hint={t("alerts.hours.hint")} value={made.watch.hours} onChange={(hours) => watch({ hours })} />
      <HoursField label={t("alerts.quiet")} hint={t("alerts.quiet.hint")} value={made.quiet} onChange={(quiet) => set({ quiet })} />
      <fieldset>
        <legend>{t("alerts.to")}</legend>
        <label class="check">
          <input type="checkbox" checked={made.page} onChange={() => set({ page: !made.page, sound: made.sound && !made.page })} /> {t("alerts.to.page")}
        </label>
        <label class="check">
          <input type="checkbox" disabled={!made.page} checked={made.sound} onChange={() => set({ sound: !made.sound })} /> {t("alerts.sound")}
        </label>
        {targets.map((one) => (
          <label key={one.id} class="check">
            <input type="checkbox" checked={made.targets.includes(one.id)} onChange={() => set({ targets: toggled(made.targets, one.id) })} />{" "}
            {one.name} <span class="muted">{word("targetKind", one.kind)} {one.address}</span>
          </label>
        ))}
        {!made.page && made.targets.length === 0 && <p class="field-error">{t("alerts.to.none")}</p>}
      </fieldset>
      {problem && (
        <p class="field-error" role="alert">
          {problemText(problem)}
        </p>
      )}
      <div class="form-end">
        <button type="submit" class="primary" disabled={busy || (!made.page && made.targets.length === 0)}>
          {t("alerts.save")}
        </button>
      </div>
    </form>
  );
}

interface HoursProps {
  label: string;
  hint: string;
  value: Hours | null;
  onChange: (value: Hours | null) => void;
}

function HoursField({ label, hint, value, onChange }: HoursProps) {
  const clock = (name: keyof Hours, text: string) => (
    <input
      type="time"
      aria-label={`${label} ${text}`}
      required
      value={hhmm(value?.[name] ?? 0)}
      onChange={(event) => value && event.currentTarget.value && onChange({ ...value, [name]: minuteOf(event.currentTarget.value) })}
    />
  );
  return (
    <fieldset>
      <legend>
        <label class="check">
          <input type="checkbox" checked={value !== null} onChange={() => onChange(value ? null : NIGHT)} /> {label}
        </label>
      </legend>
      {value && (
        <span class="hours">
          {clock("from_minute", t("alerts.from"))} – {clock("to_minute", t("alerts.until"))}
        </span>
      )}
      <p class="field-hint">{hint}</p>
    </fieldset>
  );
}
