import { useMemo } from "preact/hooks";
import { t } from "../../i18n";
import { bookmarkCase } from "../../store/bookmarks";
import { href } from "../../store/route";
import type { Given } from "../../store/given";
import { Lazy } from "../../ui/lazy";
import { Failed } from "../../ui/notice";

const load = async () => (await import("../case/canvass/triage")).Triage;

/** A clip that somebody gave, playing from a moment of its own on. */
export interface Opened {
  id: string;
  ms: number;
}

export function GivenPlayer({ opened, onClose }: { opened: Opened; onClose: () => void }) {
  const of = bookmarkCase();
  const props = useMemo(() => ({ of: { id: of ?? "" }, id: opened.id, from: opened.ms, onClose }), [of, opened.id, opened.ms]);
  return of === null ? null : <Lazy load={load} props={props} />;
}

/** What of what was given has no place on the timeline, and where that is put right; or that none of it was read. */
export function Undated({ given }: { given: Given }) {
  const of = bookmarkCase();
  if (given.problem) return <Failed title={t("lanes.given.unread")} problem={given.problem} retry={given.again} />;
  if (of === null || given.undated === 0) return null;
  return (
    <p class="hint">
      {t("lanes.given.undated", { n: given.undated })} <a href={href("cases", undefined, of, "canvass")}>{t("step.canvass")}</a>
    </p>
  );
}
