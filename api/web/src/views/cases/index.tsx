import type { ComponentChildren, ComponentType } from "preact";
import type { Permission } from "../../api/types";
import { type Key, t } from "../../i18n";
import { waiting } from "../../store/approvals";
import { go, href, route } from "../../store/route";
import { may } from "../../store/session";
import { Lazy } from "../../ui/lazy";
import { Notice } from "../../ui/notice";
import { Tabs } from "../../ui/tabs";
import "../../styles/admin.css";
import "../../styles/cases.css";
import { ApprovalList } from "./approvals";
import { CaseList } from "./list";
import { RequestList } from "../requests";

const PARTS: { value: string; label: Key; needs: readonly Permission[]; count?: () => number; show: () => ComponentChildren }[] = [
  { value: "cases", label: "cases.list", needs: ["open_case"], show: () => <CaseList /> },
  {
    value: "approvals",
    label: "approvals",
    needs: ["open_case", "approve", "register"],
    count: () => waiting.value,
    show: () => <ApprovalList />,
  },
  { value: "requests", label: "requests", needs: ["manage_cases"], show: () => <RequestList /> },
];

const loadCase = async (): Promise<ComponentType<{ id: string }>> => (await import("../case")).CasePage;
const loadWizard = async (): Promise<ComponentType> => (await import("../case/wizard")).Wizard;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** What one looks under, and what a second person decides; `#/cases/<id>` is one case's own page, `#/cases/new` takes a report. */
export function CasesView() {
  const first = route.value.path[0] ?? "";
  if (UUID.test(first) && may("open_case")) return <Lazy key={first} load={loadCase} props={{ id: first }} />;
  if (first === "new" && may("work_cases")) return <Lazy load={loadWizard} />;
  const parts = PARTS.filter((one) => one.needs.some(may));
  const part = parts.find((one) => one.value === first) ?? parts[0];
  if (!part) return <Notice title={t("nothingAllowed")} />;
  return (
    <Tabs
      label={t("nav.cases")}
      value={part.value}
      options={parts.map(({ value, label, count }) => {
        const n = count?.() ?? 0;
        return { value, label: t(label), ...(n > 0 ? { count: n } : {}) };
      })}
      onChange={(value) => go(href("cases", undefined, value))}
    >
      {part.show()}
    </Tabs>
  );
}
