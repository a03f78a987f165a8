import { useRef, useState } from "preact/hooks";
import type { Layout } from "../../api/walls";
import { problemText, t, word } from "../../i18n";
import { Problem } from "../../api/client";
import { clock } from "../../i18n/time";
import { CELLS, columnsOf } from "../../store/layouts";
import { refused } from "../../store/refused";
import type { ShownTile } from "../../store/shown";
import { cameraOf, selected } from "../../store/wall";
import "../../ui/live-tile";
import type { At } from "./menu";

interface Props {
  tile: ShownTile;
  at: number;
  layout: Layout;
  big?: boolean;
  selected?: boolean;
  moving?: boolean;
  /** Opened before its turn, under the one that is shown. */
  beneath?: boolean;
  enlarge?: () => void;
  menu?: (at?: At) => void;
  /** An empty place was pressed. */
  free?: () => void;
  drag?: (event: DragEvent) => void;
  drop?: (event: DragEvent) => void;
}

/** One place on the wall and the camera in it. */
export function Tile({ tile, at, layout, big = false, selected: on = false, moving = false, beneath = false, ...act }: Props) {
  const [over, setOver] = useState(false);
  const entered = useRef(0);
  const cell = CELLS[layout][at]!;
  const camera = tile.camera === null ? undefined : cameraOf(tile.camera);
  const classes = ["wall-tile", big && "big", on && "on", over && "over", moving && "moving", beneath && "beneath"];
  const span = `span ${cell.span}`;
  const name = camera ? `${camera.name} ${camera.village_name}` : t("wall.free");
  const leave = (): void => {
    entered.current = 0;
    setOver(false);
  };
  return (
    <div
      class={classes.filter(Boolean).join(" ")}
      data-at={beneath ? undefined : at}
      data-camera={tile.camera ?? undefined}
      role="group"
      aria-label={t("wall.tile", { n: at + 1, name })}
      aria-hidden={beneath ? "true" : undefined}
      tabIndex={beneath ? undefined : on ? 0 : -1}
      draggable={tile.camera !== null && !beneath}
      style={
        big
          ? { gridArea: "1 / 1 / -1 / -1" }
          : { gridColumn: `${cell.column} / ${span}`, gridRow: `${cell.row} / ${span}` }
      }
      onFocus={() => {
        selected.value = at;
      }}
      onClick={(event) => {
        selected.value = at;
        if (tile.camera === null) act.free?.();
        else if (event.detail === 1) act.menu?.({ x: event.clientX, y: event.clientY });
      }}
      onDblClick={() => act.enlarge?.()}
      onContextMenu={(event) => {
        if (tile.camera === null) return;
        event.preventDefault();
        act.menu?.({ x: event.clientX, y: event.clientY });
      }}
      onDragStart={(event) => act.drag?.(event)}
      onDragEnter={() => {
        entered.current += 1;
        setOver(true);
      }}
      onDragLeave={() => {
        entered.current -= 1;
        if (entered.current <= 0) leave();
      }}
      onDragOver={(event) => event.preventDefault()}
      onDrop={(event) => {
        leave();
        act.drop?.(event);
      }}
    >
      <Inside tile={tile} big={big || columnsOf(layout) === 1} />
    </div>
  );
}

function Inside({ tile, big }: { tile: ShownTile; big: boolean }) {
  if (tile.camera === null) return <p class="wall-empty">{t("wall.free.do")}</p>;
  const camera = cameraOf(tile.camera);
  if (!camera)
    return (
      <p class="wall-empty">
        <strong>{t("live.unknown")}</strong> {t("live.unknown.do")}
      </p>
    );
  const code = refused.value.get(camera.id);
  return (
    <>
      {code === undefined ? (
        <live-tile camera={camera.id} label={`${camera.name} ${camera.village_name}`} stream={big && camera.main_url && camera.sub_url ? "main" : "sub"} compact />
      ) : (
        <p class="wall-empty">
          <strong>{t("live.refused")}</strong> {problemText(new Problem(403, code, code))}
        </p>
      )}
      <p class="wall-name">
        <strong>{camera.name}</strong> <span>{camera.village_name}</span>
      </p>
      {tile.event && (
        <p class={tile.event.ended_at === null ? "wall-event now" : "wall-event"}>
          {word("label", tile.event.label)} <time>{clock(tile.event.started_at)}</time>
        </p>
      )}
    </>
  );
}
