import { useState } from "preact/hooks";
import type { Problem } from "../../../api/client";
import { noticeOf, type Placement, putSign, signOf } from "../../../api/placement";
import { t } from "../../../i18n";
import { minute } from "../../../i18n/time";
import { may, settle } from "../../../store/session";
import { Wrong } from "../../../ui/formend";
import { toast } from "../../../ui/toast";

const LONGEST = 1600;

/** The sign that hangs there: its photo, taking a new one, and the sheet to print. */
export function Sign({ now, keep, printed }: { now: Placement; keep: (made: Placement) => void; printed: boolean }) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [lost, setLost] = useState(false);
  async function send(file: File | undefined): Promise<void> {
    if (!file) return;
    setBusy(true);
    setProblem(null);
    try {
      keep(await putSign(now.camera_id, await smaller(file)));
      setLost(false);
      toast(t("placement.sign.kept"), { tone: "ok" });
    } catch (err) {
      setProblem(settle(err));
    }
    setBusy(false);
  }
  return (
    <section class="panel placement-sign" aria-label={t("lack.sign")}>
      <h2>{t("lack.sign")}</h2>
      {now.has_sign && !lost ? (
        <figure>
          <img src={signOf(now.camera_id, now.sign_at ?? "")} alt={t("placement.sign.photo")} onError={() => setLost(true)} />
          <figcaption class="muted small">{t("placement.sign.checked", { at: minute(now.sign_at ?? ""), by: now.sign_by })}</figcaption>
        </figure>
      ) : (
        <p class="muted">{t(lost ? "problem.sign_away" : "placement.sign.none")}</p>
      )}
      <Wrong problem={problem} />
      <div class="row">
        {may("register") && (
          <label class="button">
            {t(busy ? "edit.saving" : now.has_sign ? "placement.sign.again" : "placement.sign.take")}
            <input
              type="file"
              class="unseen"
              accept="image/*"
              disabled={busy}
              onChange={(event) => {
                void send(event.currentTarget.files?.[0]);
                event.currentTarget.value = "";
              }}
            />
          </label>
        )}
        {printed && (
          <a class="button" href={noticeOf(now.camera_id)} target="_blank" rel="noopener">
            {t("placement.sign.print")}
          </a>
        )}
      </div>
    </section>
  );
}

/** The photo as a JPEG that a slow line carries; one that this browser cannot read goes as it is, and the hub says why not. */
async function smaller(file: File): Promise<Blob> {
  const picture = await createImageBitmap(file).catch(() => null);
  if (picture === null) return file;
  const share = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * share);
  canvas.height = Math.round(picture.height * share);
  canvas.getContext("2d")?.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  return new Promise((done) => canvas.toBlob((made) => done(made ?? file), "image/jpeg", 0.85));
}
