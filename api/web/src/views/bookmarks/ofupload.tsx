import type { MarkedUpload } from "../../api/bookmarks";
import { t } from "../../i18n";
import { href } from "../../store/route";

const SECOND_MS = 1000;

/** Where a clip plays: in its case, at the moment that was marked. */
export const uploadHref = (caseId: string, one: Pick<MarkedUpload, "id" | "clip_ms">): string =>
  href("cases", new URLSearchParams({ upload: one.id, ms: String(one.clip_ms) }), caseId, "canvass");

/** That something was seen in what somebody sent in: who gave it, how far its clock was off, which file that is. */
export function OfUpload({ caseId, one }: { caseId: string; one: MarkedUpload }) {
  const off = (one.clock_offset_ms ?? 0) / SECOND_MS;
  return (
    <span class="of-upload small">
      <a class="tag" href={uploadHref(caseId, one)}>
        {t("bookmark.upload")}
      </a>{" "}
      <span class="muted">
        <bdi>{one.giver}</bdi> · <bdi>{one.device}</bdi> ·{" "}
        {t(off >= 0 ? "bookmark.upload.ahead" : "bookmark.upload.behind", { n: Math.abs(off), sure: (one.clock_uncertainty_ms ?? 0) / SECOND_MS })} · SHA-256{" "}
        <code title={one.sha256}>{one.sha256.slice(0, 12)}</code>
      </span>
    </span>
  );
}
