import { useState } from "preact/hooks";
import type { CameraOnline } from "../../api/upkeep";
import { span, t, word } from "../../i18n";
import { minute } from "../../i18n/time";
import { townshipName } from "../../store/cameras";
import { down } from "../../store/online";
import { href } from "../../store/route";
import { Icon } from "../../ui/icon";
import { Windowed } from "../../ui/windowed";

const WIDE = 64;
const NARROW = 116;
/** The tables below must stay in reach on a day when a whole township is down. */
const FIRST = 10;

/** What is down and since when, and pictures that show nothing: why, and what to do about it. */
export function Down({ cameras }: { cameras: readonly CameraOnline[] }) {
  const [all, setAll] = useState(false);
  const those = down(cameras);
  const height = innerWidth > 820 ? WIDE : NARROW;
  if (cameras.length === 0) return null;
  return (
    <div class="panel">
      <div class="upkeep-head">
        <h2>
          {t("down.title")} {those.length > 0 && <b class="count bad">{those.length}</b>}
        </h2>
      </div>
      {those.length === 0 ? (
        <p class="all-well">
          <Icon name="check" /> {t("down.none")}
        </p>
      ) : (
        <>
          <div role="list" aria-label={t("down.title")}>
            <Windowed rows={all ? those : those.slice(0, FIRST)} heightOf={() => height} keyOf={(one) => one.camera_id}>
              {(one) => <Line camera={one} />}
            </Windowed>
          </div>
          {!all && those.length > FIRST && (
            <button type="button" class="down-more" onClick={() => setAll(true)}>
              {t("down.all", { n: those.length })}
            </button>
          )}
        </>
      )}
    </div>
  );
}

function Line({ camera }: { camera: CameraOnline }) {
  const lost = camera.down_since !== null;
  const since = camera.down_since ?? camera.picture_since ?? "";
  const why = lost
    ? camera.reason
      ? word("reason", camera.reason)
      : t("down.idle")
    : word("picture", camera.picture ?? "");
  const advice = lost ? (camera.reason ? word("advice", camera.reason) : "") : word("pictureAdvice", camera.picture ?? "");
  return (
    <div role="listitem" class="down-item">
      <a
        class="down-line"
        href={href("cameras", undefined, camera.camera_id)}
        aria-label={t("down.open", { name: camera.name })}
      >
        <i class="dot dot-bad" />
        <span class="down-name">
          <b>{camera.name}</b>
          <span class="muted small">
            {townshipName(camera.village_code)} {camera.village_name}
          </span>
        </span>
        <span class="down-why">
          <b>{why}</b>
          <span class="muted small">{advice}</span>
        </span>
        <span class="down-since time">
          <b>{t("down.since", { span: span(Date.now() - Date.parse(since)) })}</b>
          <span class="muted small">{minute(since)}</span>
        </span>
      </a>
    </div>
  );
}
