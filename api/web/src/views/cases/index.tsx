import type { ComponentChildren } from "preact";
import type { Permission } from "../../api/types";
import { type Key, t } from "../../i18n";
import { waiting } from "../../store/approvals";
import { go, href, route } from "../../store/route";
import { may } from "../../store/session";
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

/** What one looks under, and what a second person decides. */
export function CasesView() {
  const parts = PARTS.filter((one) => one.needs.some(may));
  const part = parts.find((one) => one.value === route.value.path[0]) ?? parts[0];
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
