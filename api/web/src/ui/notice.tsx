import type { ComponentChildren } from "preact";
import type { Problem } from "../api/client";
import { problemText, t } from "../i18n";
import { useComeback } from "../store/comeback";
import { Icon, type IconName } from "./icon";

interface Props {
  title: string;
  icon?: IconName;
  tone?: "plain" | "bad" | "warn";
  children?: ComponentChildren;
  action?: { label: string; run: () => void };
}

/** A state of a whole area in words: nothing there, something failed, and what one can do. */
export function Notice({ title, icon, tone = "plain", children, action }: Props) {
  const shown = icon ?? (tone === "plain" ? null : "warning");
  return (
    <div class={`notice notice-${tone}`} role={tone === "bad" ? "alert" : "status"}>
      {shown && <Icon name={shown} />}
      <strong>{title}</strong>
      {children && <div class="notice-text">{children}</div>}
      {action && (
        <button type="button" onClick={action.run}>
          {action.label}
        </button>
      )}
    </div>
  );
}

export function Failed({ problem, retry, title = t("failed") }: { problem: Problem; retry: () => void; title?: string }) {
  useComeback(problem, retry);
  return (
    <Notice tone="bad" icon={problem.status === 0 ? "offline" : "warning"} title={title} action={{ label: t("retry"), run: retry }}>
      {problemText(problem)}
    </Notice>
  );
}

/** In place of what was not read yet: that it is on its way, or why not. */
export function Unread({ problem, retry }: { problem: Problem | null; retry: () => void }) {
  if (problem) return <Failed problem={problem} retry={retry} />;
  return <div class="bone bone-row" role="status" aria-label={t("loading")} />;
}

/** One line over content that is still shown but no longer fresh. */
export function Stale({ problem }: { problem: Problem }) {
  return (
    <p class="stale" role="status">
      {t("stale", { why: problemText(problem) })}
    </p>
  );
}
