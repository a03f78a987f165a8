import { useState } from "preact/hooks";
import { type ClipLink, requestPaper } from "../../../api/canvass";
import type { Case } from "../../../api/types";
import { problemText, t } from "../../../i18n";
import { minute } from "../../../i18n/time";
import { settle } from "../../../store/session";
import { Dialog } from "../../../ui/dialog";
import { toast } from "../../../ui/toast";

/** A request's link, told this once: as a code to scan, as a message to send, as a form to print. */
export function Link({ of, name, link, onClose }: { of: Case; name: string; link: ClipLink; onClose: () => void }) {
  const [copied, setCopied] = useState(false);

  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(link.text);
      setCopied(true);
    } catch {
      toast(t("canvass.copy.failed"), { tone: "bad" });
    }
  }

  async function print(): Promise<void> {
    const sheet = window.open("", "_blank");
    try {
      const html = await requestPaper(of.id, link.request.id, link.token);
      sheet?.document.write(html);
      sheet?.document.close();
    } catch (err) {
      sheet?.close();
      toast(problemText(settle(err)), { tone: "bad" });
    }
  }

  return (
    <Dialog label={t("canvass.link.of", { name })} once onClose={onClose}>
      <div class="canvass-link">
        <img class="canvass-code" alt={t("canvass.code")} src={`data:image/svg+xml,${encodeURIComponent(link.code)}`} />
        <p class="hint">{t("canvass.link.once")}</p>
        <p class="muted small">{t("canvass.until", { at: minute(link.request.expires_at) })}</p>
        <textarea readOnly rows={6} aria-label={t("canvass.message")} value={link.text} onFocus={(event) => event.currentTarget.select()} />
        <div class="row">
          <button type="button" class={link.request.way === "paper" ? "" : "primary"} onClick={() => void copy()}>
            {t(copied ? "canvass.copied" : "canvass.copy")}
          </button>
          <button type="button" class={link.request.way === "paper" ? "primary" : ""} onClick={() => void print()}>
            {t("canvass.print")}
          </button>
          <button type="button" onClick={onClose}>
            {t("close")}
          </button>
        </div>
      </div>
    </Dialog>
  );
}
