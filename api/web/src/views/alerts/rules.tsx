import { useState } from "preact/hooks";
import { type AlertRule, changeRule, type Hours, listRules, removeRule } from "../../api/alerts";
import { t, word } from "../../i18n";
import { hhmm } from "../../i18n/time";
import { useAsked } from "../../store/asked";
import { cameras, places } from "../../store/cameras";
import { Dialog } from "../../ui/dialog";
import { Notice, Stale, Unread } from "../../ui/notice";
import { Menu } from "../../ui/popover";
import { Toolbar } from "../../ui/toolbar";
import { RuleForm } from "./ruleform";

/** What shall be told: each rule as a sentence. */
export function Rules() {
  const { value: rules, problem, again, act } = useAsked(() => listRules());
  const [editing, setEditing] = useState<AlertRule | "new" | null>(null);

  if (rules === null) return <Unread problem={problem} retry={again} />;
  return (
    <>
      {problem && <Stale problem={problem} />}
      <Toolbar label={t("alerts.rules")}>
        <span class="muted">{t("alerts.rules.hint")}</span>
        <span class="grow" />
        <button type="button" class="primary" onClick={() => setEditing("new")}>
          {t("alerts.rule.new")}
        </button>
      </Toolbar>
      {rules.length === 0 && <Notice title={t("alerts.rules.none")}>{t("alerts.rules.none.hint")}</Notice>}
      <ul class="rule-list">
        {rules.map((one) => (
          <li key={one.id} class={one.enabled ? "panel rule" : "panel rule rule-off"}>
            <div class="rule-head">
              <strong>{one.name}</strong>
              {!one.enabled && <span class="tag">{t("alerts.off")}</span>}
              <span class="muted">{one.owner}</span>
              <span class="grow" />
              <button type="button" class="small-button" onClick={() => setEditing(one)}>
                {t("alerts.edit")}
              </button>
              <Menu
                label={t("alerts.rule.more", { name: one.name })}
                items={[
                  {
                    label: t(one.enabled ? "alerts.switchOff" : "alerts.switchOn"),
                    run: () => void act(() => changeRule(one.id, one.revision, { ...bare(one), enabled: !one.enabled })),
                  },
                  { label: t("alerts.remove"), danger: true, run: () => void act(() => removeRule(one.id)) },
                ]}
              />
            </div>
            <p>{sentence(one)}</p>
            <p class="muted small">{t("alerts.reason.is", { reason: one.reason })}</p>
          </li>
        ))}
      </ul>
      {editing && (
        <Dialog label={t(editing === "new" ? "alerts.rule.new" : "alerts.rule.edit")} onClose={() => setEditing(null)}>
          <RuleForm
            rule={editing === "new" ? null : editing}
            overtaken={again}
            done={() => {
              setEditing(null);
              again();
            }}
          />
        </Dialog>
      )}
    </>
  );
}

/** A rule without what the hub adds to it. */
export function bare(rule: AlertRule) {
  const { name, reason, enabled, watch, quiet, page, sound, targets } = rule;
  return { name, reason, enabled, watch, quiet, page, sound, targets };
}

const hours = ({ from_minute, to_minute }: Hours): string => `${hhmm(from_minute)}–${hhmm(to_minute)}`;

/** "汉书村 · 22:00–05:00 · 动物、人员 → 页面、声音、2 个通道" */
export function sentence({ watch, quiet, page, sound, targets }: AlertRule): string {
  const join = (names: string[]): string => names.join(t("list.comma"));
  const names = new Map((cameras.value ?? []).map((one) => [one.id, one.name]));
  const about = [
    watch.camera.length > 0
      ? join(watch.camera.map((id) => names.get(id) ?? "?"))
      : join(watch.place.map((code) => places.value.get(code)?.name ?? code)) || t("alerts.everywhere"),
    watch.hours ? hours(watch.hours) : t("filter.allDay"),
    join([...watch.group.map((one) => word("group", one)), ...watch.label.map((one) => word("label", one))]) || t("alerts.anything"),
    join(watch.kind.map((one) => word("rule", one))),
  ];
  const to = [
    page ? t("alerts.to.page") : "",
    sound ? t("alerts.sound") : "",
    targets.length > 0 ? t("alerts.to.targets", { n: targets.length }) : "",
    quiet ? t("alerts.quiet.is", { hours: hours(quiet) }) : "",
  ];
  const told = (parts: string[]): string => parts.filter(Boolean).join(" · ");
  return `${told(about)} → ${told(to)}`;
}
