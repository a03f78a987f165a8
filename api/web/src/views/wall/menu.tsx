import type { ComponentType } from "preact";
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { pictureNow } from "../../api/walls";
import { problemText, t } from "../../i18n";
import { stamp } from "../../i18n/time";
import { hubNow } from "../../api/hubclock";
import { shift } from "../../store/patrol";
import { go, href } from "../../store/route";
import { may, settle } from "../../store/session";
import { cameraOf } from "../../store/wall";
import { Lazy } from "../../ui/lazy";
import { save } from "../../ui/save";
import { toast } from "../../ui/toast";
import { PushDialog } from "./screens";

/** Where the menu's corner goes, in the window. */
export interface At {
  x: number;
  y: number;
}

interface Props {
  camera: string;
  tile: number;
  at: At;
  fixed: boolean;
  /** Whether the camera is looked at by itself. */
  alone: boolean;
  enlarge: () => void;
  full: () => void;
  clear: () => void;
  pin: () => void;
  onClose: () => void;
}

/** How far back "the last minutes" begin. */
const BEFORE_MS = 120_000;

interface Item {
  label: string;
  hint?: string;
  /** What it opens takes the menu's place. */
  stays?: boolean;
  run: () => void;
}

type PlaybackProps = Parameters<typeof import("../playback/dialog").PlaybackDialog>[0];

/** The last minutes of a camera over the wall, which goes on; the player is fetched when it is first wanted. */
function Back({ camera, onClose }: Pick<PlaybackProps, "camera" | "onClose">) {
  const [at] = useState(hubNow() - BEFORE_MS);
  const load = useCallback(async (): Promise<ComponentType<PlaybackProps>> => (await import("../playback/dialog")).PlaybackDialog, []);
  return <Lazy load={load} props={{ camera, at, onClose }} />;
}

/** What one can do with the camera of a tile, where one clicked it. */
export function TileMenu({ camera, at, fixed, alone, enlarge, full, clear, pin, onClose }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [over, setOver] = useState<"push" | "back" | null>(null);
  const of = cameraOf(camera);
  useLayoutEffect(() => {
    const menu = box.current;
    if (!menu) return;
    const { width, height } = menu.getBoundingClientRect();
    menu.style.left = `${Math.max(8, Math.min(at.x, innerWidth - width - 8))}px`;
    menu.style.top = `${Math.max(8, Math.min(at.y, innerHeight - height - 8))}px`;
    menu.querySelector("button")?.focus();
  }, []);
  useEffect(() => {
    const beside = (event: PointerEvent): void => {
      if (over === null && !box.current?.contains(event.target as Node)) onClose();
    };
    document.addEventListener("pointerdown", beside, true);
    return () => document.removeEventListener("pointerdown", beside, true);
  }, [over]);
  if (!of) return null;

  async function take(): Promise<void> {
    try {
      const picture = await pictureNow(camera);
      save(picture, `${of!.village_name} ${of!.name} ${stamp(hubNow()).replaceAll(":", "")}.jpg`);
      toast(t("wall.picture.saved", { name: of!.name }), { tone: "ok" });
    } catch (err) {
      toast(problemText(settle(err)), { tone: "bad" });
    }
  }
  const patrol = shift.value;
  const onPatrol = patrol?.patrol.cameras.findIndex((one) => one.camera_id === camera) ?? -1;
  const mark = (): void => {
    patrol?.visit(onPatrol);
    go(href("patrol", undefined, ...(patrol ? [patrol.patrol.id] : [])));
  };
  const items: (Item | false)[] = [
    !alone && { label: t("wall.enlarge"), hint: "Enter", run: enlarge },
    { label: t("live.full"), hint: "F", run: full },
    may("see_recordings") && { label: t("wall.back.play"), stays: true, run: () => setOver("back") },
    { label: t("wall.picture"), run: () => void take() },
    { label: t("screen.push"), stays: true, run: () => setOver("push") },
    onPatrol !== -1 && { label: t("wall.mark"), run: mark },
    may("see_events") && { label: t("live.events"), run: () => go(href("events", new URLSearchParams({ camera }))) },
    may("see_cameras") && { label: t("live.camera"), run: () => go(href("cameras", undefined, camera)) },
    !alone && !fixed && { label: t("wall.pin"), run: pin },
    !alone && fixed && { label: t("wall.clear"), hint: "Delete", run: clear },
  ];
  if (over === "push") return <PushDialog camera={of} onClose={onClose} />;
  if (over === "back") return <Back camera={of} onClose={onClose} />;
  return (
    <div
      ref={box}
      class="popover menu-items wall-menu"
      role="menu"
      aria-label={`${of.name} ${of.village_name}`}
      onKeyDown={(event) => {
        const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
        const close = event.key === "Escape" || event.key === "Tab";
        if (step === undefined && !close) return;
        event.preventDefault();
        event.stopPropagation();
        if (close) return onClose();
        const all = [...event.currentTarget.querySelectorAll("button")];
        all.at((all.findIndex((one) => one === document.activeElement) + step!) % all.length)?.focus();
      }}
    >
      {items.map(
        (one) =>
          one && (
            <button
              key={one.label}
              type="button"
              role="menuitem"
              class="menu-item"
              onClick={() => {
                if (!one.stays) onClose();
                one.run();
              }}
            >
              {one.label}
              {one.hint && <kbd>{one.hint}</kbd>}
            </button>
          ),
      )}
    </div>
  );
}
