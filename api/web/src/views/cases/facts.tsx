import type { EarlierAsk, ExportAsk, ExportItem, UnmaskAsk } from "../../api/cases";
import { MASTERS } from "../../api/evidence";
import { t, word } from "../../i18n";
import { minute, stamp } from "../../i18n/time";
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

/** All that somebody wants to take out: whoever decides reads it before he grants it. */
export function ExportFacts({ asked }: { asked: ExportAsk }) {
  return (
    <>
      <dt>{t("export.what")}</dt>
      <dd>
        <ul class="dashes">
          {asked.items.map((one, at) => (
            <Stretch key={at} one={one} />
          ))}
          {asked.received && <li>{t("export.received")}</li>}
        </ul>
      </dd>
      <dt>{t("export.to")}</dt>
      <dd>
        {asked.recipient} <span class="tag">{word("recipient", asked.recipient_kind)}</span>{" "}
        <span class="muted small">{t(MASTERS.includes(asked.recipient_kind) ? "export.master" : "export.copy")}</span>
      </dd>
      <dt>{t("export.document")}</dt>
      <dd>{asked.document}</dd>
      <dt>{t("export.purpose")}</dt>
      <dd>{asked.purpose}</dd>
      <dt>{t("export.basis")}</dt>
      <dd>{asked.legal_basis}</dd>
    </>
  );
}

function Stretch({ one }: { one: ExportItem }) {
  return (
    <li>
      {useCamera(one.camera_id)}{" "}
      <span class="time muted">
        {stamp(one.starts_at)} – {stamp(one.ends_at)}
      </span>
    </li>
  );
}
