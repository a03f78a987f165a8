import { useEffect } from "preact/hooks";
import { t } from "../../i18n";
import { type Asked, asked, bounds, MOST_DAYS, type Part, PARTS, written } from "../../store/audit";
import { follow } from "../../store/cameras";
import { go, href, route } from "../../store/route";
import { Notice } from "../../ui/notice";
import { Tabs } from "../../ui/tabs";
import "../../styles/audit.css";
import { Filters } from "./filters";
import { Looks } from "./looks";
import { Misuse } from "./misuse";
import { Proving } from "./proof";
import { Register } from "./rows";
import { Watched } from "./watched";

export interface PartProps {
  what: Asked;
}

/** `#/audit/looks?camera=…`: who looked at what and why, what to ask about, and the proof that nobody changed it. */
export function AuditView() {
  const { path, query } = route.value;
  const part: Part = PARTS.find((one) => one === path[0]) ?? "rows";
  const what = asked(query, Date.now());
  useEffect(follow, []);
  /** By what the address says when it is pressed: a page that is slow to draw must not take back what was chosen before. */
  const to = (one: Part, change: Partial<Asked> = {}): string =>
    href("audit", written({ ...asked(route.peek().query, Date.now()), ...change }, Date.now()), ...(one === "rows" ? [] : [one]));
  return (
    <section class="audit" aria-label={t("nav.audit")}>
      <Tabs label={t("nav.audit")} value={part} options={PARTS.map((value) => ({ value, label: t(`audit.${value}`) }))} onChange={(one) => go(to(one))}>
        {part !== "proof" && <Filters part={part} what={what} onChange={(change) => go(to(part, change), true)} />}
        {part === "proof" ? <Proving /> : bounds(what) ? <Shown part={part} what={what} /> : <Notice tone="warn" title={t("audit.wrongSpan", { n: MOST_DAYS })} />}
      </Tabs>
    </section>
  );
}

function Shown({ part, what }: PartProps & { part: Exclude<Part, "proof"> }) {
  switch (part) {
    case "rows":
      return <Register what={what} />;
    case "looks":
      return <Looks what={what} />;
    case "live":
      return <Watched what={what} />;
    case "misuse":
      return <Misuse what={what} />;
  }
}
