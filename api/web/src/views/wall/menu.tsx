import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { pictureNow } from "../../api/walls";
import { problemText, t } from "../../i18n";
import { stamp } from "../../i18n/time";
import { hubNow } from "../../store/live";
import { shift } from "../../store/patrol";
import { go, href } from "../../store/route";
import { may, settle } from "../../store/session";
import { cameraOf } from "../../store/wall";
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
  run: () => void;
}

/** What one can do with the camera of a tile, where one clicked it. */
export function TileMenu({ camera, at, fixed, alone, enlarge, full, clear, pin, onClose }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [pushing, setPushing] = useState(false);
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
      if (!pushing && !box.current?.contains(event.target as Node)) onClose();
    };
    document.addEventListener("pointerdown", beside, true);
    return () => document.removeEventListener("pointerdown", beside, true);
  }, [pushing]);
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
  const back = new URLSearchParams({ cameras: camera, at: new Date(hubNow() - BEFORE_MS).toISOString() });
  const patrol = shift.value;
  const onPatrol = patrol?.patrol.cameras.findIndex((one) => one.camera_id === camera) ?? -1;
  const mark = (): void => {
    patrol?.visit(onPatrol);
    go(href("patrol", undefined, ...(patrol ? [patrol.patrol.id] : [])));
  };
  const items: (Item | false)[] = [
    !alone && { label: t("wall.enlarge"), hint: "Enter", run: enlarge },
    { label: t("live.full"), hint: "F", run: full },
    may("see_recordings") && { label: t("wall.back.play"), run: () => go(href("playback", back)) },
    { label: t("wall.picture"), run: () => void take() },
    { label: t("screen.push"), run: () => setPushing(true) },
    onPatrol !== -1 && { label: t("wall.mark"), run: mark },
    may("see_events") && { label: t("live.events"), run: () => go(href("events", new URLSearchParams({ camera }))) },
    may("see_cameras") && { label: t("live.camera"), run: () => go(href("cameras", undefined, camera)) },
    !alone && !fixed && { label: t("wall.pin"), run: pin },
    !alone && fixed && { label: t("wall.clear"), hint: "Delete", run: clear },
  ];
  if (pushing) return <PushDialog camera={of} onClose={onClose} />;
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
                if (one.label !== t("screen.push")) onClose();
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
