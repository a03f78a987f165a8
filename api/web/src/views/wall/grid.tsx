import { useRef, useState } from "preact/hooks";
import { t } from "../../i18n";
import { beside, columnsOf, type Side } from "../../store/layouts";
import { route } from "../../store/route";
import { ahead, shown } from "../../store/shown";
import { alone, big, cameraOf, fixed, freeTile, layout, place, selected, swap, take } from "../../store/wall";
import { useKeys } from "../../ui/keys";
import { toast } from "../../ui/toast";
import { type At, TileMenu } from "./menu";
import { Tile } from "./tile";

/** What is dragged: cameras' ids as JSON; of a tile, its number beside. */
export const CAMERAS = "application/x-camera-hub-cameras";
const TILE = "application/x-camera-hub-tile";

/** All tiles. A camera keeps its element wherever it moves, so that its stream goes on. */
export function Grid({ full, pick }: { full: () => void; pick: () => void }) {
  const box = useRef<HTMLDivElement>(null);
  const [menu, setMenu] = useState<{ camera: string; tile: number; at: At } | null>(null);
  const [moving, setMoving] = useState<number | null>(null);
  const one = alone.value;
  const tiles = one === null ? shown.value : [{ camera: one, how: "fixed" as const, event: null }];
  const form = one === null ? layout.value : "1";
  const large = one === null && tiles.some((tile) => tile.camera === big.value) ? big.value : null;
  const next = one === null && large === null ? ahead.value : [];

  const focus = (at: number): void => {
    selected.value = at;
    box.current?.querySelector<HTMLElement>(`[data-at="${at}"]`)?.focus();
  };
  const enlarge = (camera: string | null): void => {
    if (camera !== null && one === null && layout.value !== "1") big.value = big.value === camera ? null : camera;
  };
  const step = (side: Side): void => {
    const to = beside(form, selected.value, side);
    if (large !== null) big.value = tiles[to]?.camera ?? large;
    focus(to);
  };
  const exchange = (from: number, to: number): void => {
    setMoving(null);
    if (from === to) return;
    const moved = tiles[from];
    // What goes round or came up stays where somebody puts it.
    if (moved?.camera && !fixed.value[from]) place([moved.camera], to);
    else swap(from, to);
  };
  const clear = (at: number): void => {
    const camera = fixed.value[at];
    if (!camera || one !== null) return;
    take(camera);
    toast(t("wall.cleared", { name: cameraOf(camera)?.name ?? "" }), {
      // What was put up since stays.
      undo: () => place([camera], fixed.peek()[at] ? freeTile() : at),
    });
  };
  const onTile = (event: KeyboardEvent): boolean =>
    event.target === document.body || (event.target instanceof Element && event.target.matches(".wall-tile"));
  const chosen = tiles[selected.value]?.camera ?? null;
  useKeys(t("wall.tile.keys"), [
    { keys: ["arrowleft"], when: onTile, label: t("wall.step"), run: () => step("left") },
    { keys: ["arrowright"], when: onTile, run: () => step("right") },
    { keys: ["arrowup"], when: onTile, run: () => step("up") },
    { keys: ["arrowdown"], when: onTile, run: () => step("down") },
    {
      keys: ["enter"],
      when: onTile,
      label: t("wall.enlarge"),
      run: () => (moving === null ? enlarge(chosen) : exchange(moving, selected.value)),
    },
    { keys: ["delete", "backspace"], when: onTile, label: t("wall.clear"), run: () => clear(selected.value) },
    {
      keys: ["s"],
      when: onTile,
      label: t("wall.swap"),
      run: () => (moving === null ? setMoving(selected.value) : exchange(moving, selected.value)),
    },
    { keys: ["m"], when: onTile, label: t("wall.menu"), run: () => open(selected.value) },
    {
      keys: ["escape"],
      when: () => moving !== null || large !== null,
      run: () => (moving !== null ? setMoving(null) : enlarge(large)),
    },
  ]);

  function open(tile: number, at?: At): void {
    const camera = tiles[tile]?.camera;
    const shownAt = box.current?.querySelector(`[data-at="${tile}"]`)?.getBoundingClientRect();
    if (!camera || !cameraOf(camera) || !shownAt) return;
    setMenu({ camera, tile, at: at ?? { x: shownAt.left + 12, y: shownAt.top + 12 } });
  }

  function drop(event: DragEvent, to: number): void {
    event.preventDefault();
    const from = event.dataTransfer?.getData(TILE);
    const ids = event.dataTransfer?.getData(CAMERAS);
    if (from) exchange(Number(from), to);
    else if (ids) place(JSON.parse(ids) as string[], to);
    focus(to);
  }

  return (
    <>
      <div
        ref={box}
        class={large === null ? "wall-grid" : "wall-grid wall-grid-big"}
        role="group"
        aria-label={t("wall.tiles")}
        data-layout={form}
        style={{ "--columns": columnsOf(form) }}
        key={route.value.path[0] === "camera" ? "alone" : "wall"}
      >
        {[
          ...tiles.map((tile, at) => (
            <Tile
              key={tile.camera ?? `free ${at}`}
              tile={tile}
              at={at}
              layout={form}
              big={large !== null && tile.camera === large}
              selected={selected.value === at}
              moving={moving === at}
              enlarge={() => enlarge(tile.camera)}
              menu={(where) => open(at, where)}
              free={pick}
              drag={(event) => {
                event.dataTransfer?.setData(TILE, String(at));
                event.dataTransfer?.setData(CAMERAS, JSON.stringify([tile.camera]));
              }}
              drop={(event) => drop(event, at)}
            />
          )),
          ...next.map(({ camera, at }) => (
            <Tile key={camera} tile={{ camera, how: "rotation", event: null }} at={at} layout={form} beneath />
          )),
        ]}
      </div>
      {moving !== null && (
        <p class="wall-moving" role="status">
          {t("wall.swap.to")}
        </p>
      )}
      {menu && (
        <TileMenu
          {...menu}
          fixed={fixed.value[menu.tile] === menu.camera}
          alone={one !== null}
          enlarge={() => enlarge(menu.camera)}
          full={full}
          clear={() => clear(menu.tile)}
          pin={() => place([menu.camera], menu.tile)}
          onClose={() => {
            setMenu(null);
            focus(menu.tile);
          }}
        />
      )}
    </>
  );
}
