import { useMemo, useRef, useState } from "preact/hooks";
import { Problem } from "../../api/client";
import type { Camera } from "../../api/types";
import { problemText, t, word } from "../../i18n";
import { type Branch, matches, type Row, treeRows } from "../../store/camerarows";
import { places, toneOf } from "../../store/cameras";
import { refused } from "../../store/refused";
import { shown } from "../../store/shown";
import { putUp, watchable } from "../../store/wall";
import { Icon } from "../../ui/icon";
import { Segments } from "../../ui/tabs";
import { Windowed } from "../../ui/windowed";
import { CAMERAS } from "./grid";
import { OnMap } from "./onmap";

/** A list this short is shown whole. */
const FEW = 60;
const HEIGHT_PX = 36;

/** The cameras beside the wall, to be dragged or pressed onto it. */
export function Picker() {
  const [by, setBy] = useState<"tree" | "map">("tree");
  const [text, setText] = useState("");
  const all = watchable.value;
  const found = useMemo(() => (text.trim() === "" ? all : all.filter((one) => matches(one, text))), [all, text]);
  return (
    <aside class="wall-picker" aria-label={t("wall.picker")}>
      <div class="wall-picker-head">
        <input
          class="wall-find"
          type="search"
          maxLength={64}
          placeholder={t("live.search")}
          aria-label={t("live.search")}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            const first = found.find((one) => !refused.value.has(one.id));
            if (event.key === "Enter" && first) putUp([first.id]);
          }}
        />
        <Segments
          label={t("wall.picker.by")}
          value={by}
          options={[
            { value: "tree", label: t("wall.picker.tree") },
            { value: "map", label: t("nav.map") },
          ]}
          onChange={setBy}
        />
      </div>
      <p class="muted small live-found" role="status">
        {found.length === 0 ? t("live.noMatch") : t("live.found", { n: found.length })}
      </p>
      {by === "map" && <OnMap cameras={found} />}
      <TreeList found={found} narrowed={text.trim() !== ""} />
    </aside>
  );
}

function TreeList({ found, narrowed }: { found: readonly Camera[]; narrowed: boolean }) {
  const [opened, setOpened] = useState<ReadonlyMap<string, boolean>>(new Map());
  const box = useRef<HTMLDivElement>(null);
  const rows = useMemo(() => {
    const unfolded = found.length <= FEW || narrowed;
    const shows = (id: string, sort: Branch): boolean => opened.get(id) ?? (unfolded || sort === "hamlet");
    return treeRows(found, places.value, shows);
  }, [found, narrowed, opened, places.value]);
  const onWall = new Set(shown.value.map((one) => one.camera));
  // Up and down go through the rows that are drawn.
  function walk(event: KeyboardEvent): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const all = [...(box.current?.querySelectorAll<HTMLElement>("button.wall-row") ?? [])];
    all[all.findIndex((one) => one === document.activeElement) + step]?.focus();
  }
  return (
    <div ref={box} class="wall-tree" role="group" aria-label={t("live.list")} onKeyDown={walk}>
      <Windowed rows={rows} heightOf={() => HEIGHT_PX} keyOf={(row) => `${row.sort} ${row.id}`}>
        {(row) =>
          row.sort === "camera" ? (
            <Line camera={row.camera} depth={row.depth} on={onWall.has(row.id)} />
          ) : (
            <Head
              row={row}
              inside={() => below(found, row)}
              toggle={() => setOpened(new Map(opened).set(row.id, !row.open))}
            />
          )
        }
      </Windowed>
    </div>
  );
}

/** The cameras under a branch that may be watched. */
function below(found: readonly Camera[], row: Row): string[] {
  const [code, hamlet] = row.id.split("/", 2);
  return found
    .filter((one) => one.village_code.startsWith(code!) && (hamlet === undefined || one.hamlet === hamlet))
    .filter((one) => !refused.value.has(one.id))
    .map((one) => one.id);
}

interface HeadProps {
  row: Exclude<Row, { sort: "camera" }>;
  inside: () => string[];
  toggle: () => void;
}

const Head = ({ row, inside, toggle }: HeadProps) => (
  <div class={`wall-branch depth-${row.depth}`} draggable onDragStart={(event) => event.dataTransfer?.setData(CAMERAS, JSON.stringify(inside()))}>
    <button type="button" class="quiet wall-row" aria-expanded={row.open} onClick={toggle}>
      <Icon name={row.open ? "down" : "right"} />
      <span class="live-name">{row.sort === "state" ? row.state : row.name}</span>
      <span class="muted small">{row.all}</span>
    </button>
    <button
      type="button"
      class="quiet icon-button wall-all"
      aria-label={t("wall.putAll", { name: row.sort === "state" ? row.state : row.name })}
      title={t("wall.putAll", { name: row.sort === "state" ? row.state : row.name })}
      onClick={() => putUp(inside())}
    >
      <Icon name="wall" />
    </button>
  </div>
);

function Line({ camera, depth, on }: { camera: Camera; depth: number; on: boolean }) {
  const code = refused.value.get(camera.id);
  const { status } = camera;
  const state = status.reason ? word("reason", status.reason) : word("state", status.state);
  // What the owner did not agree to, and what the purpose does not reach, are two things.
  const shut = code === undefined ? "" : t(code.startsWith("live_") ? "wall.refused" : "wall.beyond");
  const said = shut || (status.state === "live" ? "" : state);
  return (
    <button
      type="button"
      class={`quiet wall-row depth-${depth}`}
      draggable={code === undefined}
      disabled={code !== undefined}
      aria-pressed={on}
      title={code === undefined ? state : problemText(new Problem(403, code, code))}
      onClick={() => putUp([camera.id])}
      onDragStart={(event) => event.dataTransfer?.setData(CAMERAS, JSON.stringify([camera.id]))}
    >
      <i class={code === undefined ? `dot dot-${toneOf(status)}` : "dot"} />
      <span class="live-name">{camera.name}</span>
      {said && <span class="muted small">{said}</span>}
    </button>
  );
}
