import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import type { Camera } from "../../api/types";
import { problemText } from "../../i18n";
import { offline } from "../../api/client";
import { Dialog } from "../../ui/dialog";

interface Props {
  camera: Camera;
  onClose: () => void;
}

/** One camera at once, from the list. The player is fetched with the first one played. */
export function PlayDialog(props: Props) {
  const [Live, setLive] = useState<ComponentType<Props> | null>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    let gone = false;
    import("../live/dialog").then(
      ({ LiveDialog }) => !gone && setLive(() => LiveDialog),
      () => !gone && setFailed(true),
    );
    return () => {
      gone = true;
    };
  }, []);
  if (Live) return <Live {...props} />;
  return (
    <Dialog label={props.camera.name} onClose={props.onClose} wide>
      {failed ? (
        <p class="error" role="alert">
          {problemText(offline())}
        </p>
      ) : (
        <div class="bone bone-row" />
      )}
    </Dialog>
  );
}
