import { useEffect, useRef, useState } from "preact/hooks";
import type { Camera } from "../../api/types";
import { t } from "../../i18n";
import { href } from "../../store/route";
import { may } from "../../store/session";
import { Icon } from "../../ui/icon";
import "../../ui/live-tile";

interface Props {
  camera: Pick<Camera, "id" | "name" | "village_name">;
  /** Given a function, it is handed the one that switches full screen, for a key. */
  onFull?: (toggle: () => void) => void;
}

/** The tile with what one does beside watching. */
export function Player({ camera, onFull }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [full, setFull] = useState(false);
  const toggle = (): void => {
    const done = document.fullscreenElement ? document.exitFullscreen() : box.current?.requestFullscreen?.();
    done?.catch(() => {}); // refused without a touch of the page; the button stays
  };
  useEffect(() => {
    onFull?.(toggle);
    const changed = (): void => setFull(document.fullscreenElement === box.current);
    document.addEventListener("fullscreenchange", changed);
    return () => document.removeEventListener("fullscreenchange", changed);
  }, []);
  return (
    <div class="player" ref={box}>
      <live-tile camera={camera.id} label={`${camera.name} ${camera.village_name}`} />
      <div class="player-bar">
        {full && <strong class="player-name">{`${camera.village_name} ${camera.name}`}</strong>}
        <span class="grow" />
        {!full && may("see_cameras") && (
          <a class="button quiet" href={href("cameras", undefined, camera.id)}>
            <Icon name="cameras" /> {t("live.camera")}
          </a>
        )}
        {!full && may("see_events") && (
          <a class="button quiet" href={href("events", new URLSearchParams({ camera: camera.id }))}>
            <Icon name="events" /> {t("live.events")}
          </a>
        )}
        {document.fullscreenEnabled && (
          <button type="button" onClick={toggle} aria-pressed={full}>
            <Icon name="full" /> {full ? t("live.full.leave") : t("live.full")}
          </button>
        )}
      </div>
    </div>
  );
}
