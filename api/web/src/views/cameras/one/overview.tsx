import type { ComponentChildren } from "preact";
import type { Camera } from "../../../api/types";
import { t, word } from "../../../i18n";
import { stamp } from "../../../i18n/time";
import { may } from "../../../store/session";
import { codecName } from "../codec";
import { PictureBox, usePicture } from "../picture";
import { CameraGaps } from "./gaps";
import { Timeline } from "./timeline";

export function Overview({ camera }: { camera: Camera }) {
  return (
    <div class="one-overview">
      <div class="one-left">
        {camera.kind !== "wifi_probe" && may("watch_live") && <Now camera={camera} />}
        <Timeline camera={camera.id} since={camera.status.since} />
        {camera.kind !== "wifi_probe" && may("watch_health") && <CameraGaps camera={camera} />}
      </div>
      <Facts camera={camera} />
    </div>
  );
}

function Now({ camera }: { camera: Camera }) {
  const shown = usePicture(camera.id);
  return (
    <div class="panel">
      <PictureBox camera={camera.id} shown={shown} alt={t("shot.alt", { name: camera.name })} />
    </div>
  );
}

/** 一机一档: all that is on record of it. What is not told is said to be so, since somebody will be asked to fill it in. */
function Facts({ camera }: { camera: Camera }) {
  const { status } = camera;
  const place =
    camera.lat === null || camera.lon === null
      ? null
      : `${camera.lat.toFixed(6)}, ${camera.lon.toFixed(6)}${camera.coord_source ? ` (${t("fact.typed", { datum: word("datum", camera.coord_source) })})` : ""}`;
  return (
    <div class="panel">
      <h2>{t("one.facts")}</h2>
      {camera.warnings.map((one) => (
        <p key={one} class="hint">
          {word("warning", one)}
        </p>
      ))}
      <dl class="record">
        <Fact name={t("field.gb_id")}>{camera.gb_id && <code>{camera.gb_id}</code>}</Fact>
        <Fact name={t("field.pole")}>{camera.pole}</Fact>
        <Fact name={t("field.address")}>{camera.address}</Fact>
        <Fact name={t("fact.position")}>{place}</Fact>
        <Fact name={t("fact.view")}>
          {camera.bearing_deg !== null &&
            t("fact.looks", { bearing: Math.round(camera.bearing_deg), angle: camera.view_angle_deg === null ? "?" : Math.round(camera.view_angle_deg) })}
        </Fact>
        {camera.kind === "wifi_probe" && <Fact name={t("field.probe_mac")}>{camera.probe_mac}</Fact>}
        {camera.kind === "civilian" ? (
          <>
            <Fact name={t("field.owner_name")}>{camera.owner_name}</Fact>
            {may("register") && <Fact name={t("field.owner_contact")}>{camera.owner_contact}</Fact>}
          </>
        ) : (
          camera.kind !== "wifi_probe" && <Fact name={t("field.manager_unit")}>{camera.manager_unit}</Fact>
        )}
        {camera.kind !== "wifi_probe" && (
          <>
            <Fact name={t("field.sub_url")}>{camera.sub_url && <code>{camera.sub_url}</code>}</Fact>
            <Fact name={t("field.main_url")}>{camera.main_url && <code>{camera.main_url}</code>}</Fact>
            <Fact name={t("camera.picture")}>
              {status.codec && `${codecName(status.codec)} ${status.width}×${status.height} ${status.fps === null ? "" : `${Math.round(status.fps * 10) / 10} fps`}`}
            </Fact>
            <Fact name={t("camera.lastFrame")}>{status.last_frame_at && stamp(status.last_frame_at)}</Fact>
          </>
        )}
        <Fact name={t("field.note")}>{camera.note}</Fact>
        <Fact name={t("fact.registered")}>{stamp(camera.created_at)}</Fact>
      </dl>
    </div>
  );
}

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children ? <bdi>{children}</bdi> : <span class="muted">{t("fact.untold")}</span>}</dd>
    </div>
  );
}
