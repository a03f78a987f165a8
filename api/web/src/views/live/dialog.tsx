import type { Camera } from "../../api/types";
import { purpose } from "../../store/session";
import { Dialog } from "../../ui/dialog";
import { PurposePanel } from "../purpose";
import { Player } from "./player";

interface Props {
  camera: Pick<Camera, "id" | "name" | "village_name" | "kind">;
  onClose: () => void;
}

/** One camera that plays at once, over whatever list it was picked from. */
export const LiveDialog = ({ camera, onClose }: Props) => (
  <Dialog label={`${camera.name} · ${camera.village_name}`} onClose={onClose} wide>
    {purpose.value === null ? <PurposePanel done={() => {}} camera={camera.id} /> : <Player camera={camera} />}
  </Dialog>
);
