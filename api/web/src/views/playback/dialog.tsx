import { useState } from "preact/hooks";
import { t } from "../../i18n";
import { href } from "../../store/route";
import { usePlaySession } from "../../store/playsession";
import { purpose } from "../../store/session";
import { Dialog } from "../../ui/dialog";
import { PurposePanel } from "../purpose";
import { Playing } from "./player";
import type { Played } from "./tile";

interface Props {
  camera: Played;
  /** The moment it begins with, in ms since 1970. */
  at: number;
  onClose: () => void;
}

/** What one camera recorded around a moment, over whatever it was asked from; it plays at once. */
export const PlaybackDialog = ({ camera, at, onClose }: Props) => (
  <Dialog label={`${t("nav.playback")} · ${camera.name} · ${camera.village_name}`} onClose={onClose} wide>
    {purpose.value === null ? <PurposePanel done={() => {}} /> : <Inside camera={camera} at={at} />}
  </Dialog>
);

function Inside({ camera, at }: Omit<Props, "onClose">) {
  const [cameras] = useState([camera]);
  const session = usePlaySession([camera.id], "sub", at);
  return (
    <>
      <Playing session={session} cameras={cameras} keys="dialog" start />
      <p class="row">
        <span class="grow" />
        <a class="button quiet" href={href("playback", new URLSearchParams({ cameras: camera.id, at: new Date(at).toISOString() }))}>
          {t("play.whole")}
        </a>
      </p>
    </>
  );
}
