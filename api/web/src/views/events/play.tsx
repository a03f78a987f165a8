import type { ComponentType } from "preact";
import { useCallback, useState } from "preact/hooks";
import { t } from "../../i18n";
import { Icon } from "../../ui/icon";
import { Lazy } from "../../ui/lazy";

type PlayerProps = Parameters<typeof import("../live/dialog").LiveDialog>[0];

/** The camera as it is now, over what one reads; the player is fetched when it is first wanted. */
export function Play({ camera }: Pick<PlayerProps, "camera">) {
  const [open, setOpen] = useState(false);
  const load = useCallback(async (): Promise<ComponentType<PlayerProps>> => (await import("../live/dialog")).LiveDialog, []);
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        <Icon name="play" />
        {t("detail.live")}
      </button>
      {open && <Lazy load={load} props={{ camera, onClose: () => setOpen(false) }} />}
    </>
  );
}
