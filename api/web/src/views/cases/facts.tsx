import type { EarlierAsk, UnmaskAsk } from "../../api/cases";
import { t } from "../../i18n";
import { minute } from "../../i18n/time";
import { useCamera } from "../../store/cameraname";
import { Outlines } from "../../ui/outlines";

/** What hiding less would bare, as outlines: the same that the one who asked saw. */
export function UnmaskFacts({ asked }: { asked: UnmaskAsk }) {
  return (
    <>
      <dt>{t("request.about")}</dt>
      <dd>{useCamera(asked.camera_id)}</dd>
      <dt>{t("unmask.lasts")}</dt>
      <dd>{asked.lasts_hours === null ? t("unmask.forGood") : t("unmask.hours", { n: asked.lasts_hours })}</dd>
      <dt>{t("unmask.picture")}</dt>
      <dd>
        <Outlines before={asked.old_masks} after={asked.masks} label={t("unmask.picture")} />
      </dd>
    </>
  );
}

export function EarlierFacts({ asked }: { asked: EarlierAsk }) {
  return (
    <>
      <dt>{t("request.about")}</dt>
      <dd>{useCamera(asked.camera_id)}</dd>
      <dt>{t("request.span")}</dt>
      <dd class="time">
        {minute(asked.starts_at)} – {minute(asked.ends_at)}
      </dd>
    </>
  );
}
