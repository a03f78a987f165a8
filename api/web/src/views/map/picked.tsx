import { useState } from "preact/hooks";
import { type GroundEntrance, type GroundRoad, removeEntrance, removeRoad } from "../../api/map";
import type { Camera } from "../../api/types";
import { problemText, t, word } from "../../i18n";
import { toneOf } from "../../store/cameras";
import { href } from "../../store/route";
import { may, settle } from "../../store/session";
import { toast } from "../../ui/toast";
import { LiveDialog } from "../live/dialog";

/** The camera one clicked: how it is, and the ways to its events, its live picture and its page. */
export function PickedCamera({ camera }: { camera: Camera }) {
  const [live, setLive] = useState(false);
  const { status } = camera;
  return (
    <section class="picked panel" aria-label={camera.name}>
      <h2>{camera.name}</h2>
      <p>
        <i class={`dot dot-${toneOf(status)}`} /> {word("state", status.state)}{" "}
        <span class="tag">{word("kind", camera.kind)}</span>
      </p>
      {status.reason && (
        <p class="small">
          {word("reason", status.reason)} <span class="muted">{word("advice", status.reason)}</span>
        </p>
      )}
      <p class="muted small">
        {camera.lat === null || camera.lon === null ? t("ground.noPosition") : `${camera.lat.toFixed(5)}, ${camera.lon.toFixed(5)}`}
        {camera.bearing_deg !== null && ` · ${t("ground.looks", { n: Math.round(camera.bearing_deg) })}`}
      </p>
      <div class="row">
        {may("watch_live") && (
          <button type="button" onClick={() => setLive(true)}>
            {t("nav.live")}
          </button>
        )}
        {may("see_events") && (
          <a class="button" href={href("events", new URLSearchParams({ camera: camera.id }))}>
            {t("nav.events")}
          </a>
        )}
        <a class="button" href={href("cameras", undefined, camera.id)}>
          {t("ground.cameraPage")}
        </a>
      </div>
      {live && <LiveDialog camera={camera} onClose={() => setLive(false)} />}
    </section>
  );
}

interface ThingProps {
  edit: () => void;
  gone: () => void;
}

export function PickedEntrance({
  entrance,
  cameras,
  pick,
  edit,
  gone,
}: ThingProps & { entrance: GroundEntrance; cameras: readonly Camera[]; pick: (id: string) => void }) {
  const watching = cameras.filter((one) => entrance.camera_ids.includes(one.id));
  return (
    <section class="picked panel" aria-label={entrance.name}>
      <h2>{entrance.name}</h2>
      <p class="muted small">{t("ground.enters", { n: Math.round(entrance.bearing_deg) })}</p>
      {watching.length === 0 ? (
        <p class="error small">{t("ground.unwatched")}</p>
      ) : (
        <ul>
          {watching.map((one) => (
            <li key={one.id}>
              <button type="button" class="quiet" onClick={() => pick(one.id)}>
                <i class={`dot dot-${toneOf(one.status)}`} /> {one.name}
              </button>
            </li>
          ))}
        </ul>
      )}
      <Change edit={edit} remove={() => removeEntrance(entrance.id)} gone={gone} />
    </section>
  );
}

export function PickedRoad({ road, edit, gone }: ThingProps & { road: GroundRoad }) {
  return (
    <section class="picked panel" aria-label={road.name || t("ground.road")}>
      <h2>{road.name || t("ground.road.unnamed")}</h2>
      <p class="muted small">{t("map.corners", { n: road.path.length })}</p>
      <Change edit={edit} remove={() => removeRoad(road.id)} gone={gone} />
    </section>
  );
}

/** Change or remove; a removal is asked for twice. */
function Change({ edit, remove, gone }: ThingProps & { remove: () => Promise<void> }) {
  const [sure, setSure] = useState(false);
  if (!may("register")) return null;
  async function away(): Promise<void> {
    try {
      await remove();
      gone();
    } catch (err) {
      toast(problemText(settle(err)), { tone: "bad" });
    }
  }
  return (
    <div class="row">
      <button type="button" onClick={edit}>
        {t("ground.change")}
      </button>
      <button type="button" class="danger" onClick={() => (sure ? void away() : setSure(true))}>
        {sure ? t("ground.remove.sure") : t("ground.remove")}
      </button>
    </div>
  );
}
