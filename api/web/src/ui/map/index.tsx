/** A map of an area without tiles: villages, roads, entrances and cameras, with things to pick and to draw. */

import { useEffect, useRef, useState } from "preact/hooks";
import { t, word } from "../../i18n";
import { toneOf } from "../../store/cameras";
import { language, theme } from "../../store/settings";
import "../../styles/map.css";
import type { Board, Said } from "./board";
import { CircleFields, PointField } from "./fields";
import type { Trail } from "./trail";
import { type Area, type Circle, type Cone, type Draw, type Entrance, type LonLat, type MapCamera, MOST_HANDLES, type Road, type Scene } from "./shapes";

export type { Trail } from "./trail";
export type { Area, Circle, Cone, Draw, Entrance, LonLat, MapCamera, Road } from "./shapes";

interface Props {
  label: string;
  places?: readonly Area[];
  cameras?: readonly MapCamera[];
  roads?: readonly Road[];
  entrances?: readonly Entrance[];
  /** The id of a camera, road or entrance, or a place's code. */
  selected?: string | null;
  onPickCamera?: ((id: string) => void) | undefined;
  onPickEntrance?: ((id: string) => void) | undefined;
  /** A click on empty ground. */
  onPickPoint?: ((at: LonLat) => void) | undefined;
  /** The search circle; with `onCircle` it is drawn and dragged by hand and typed in fields. */
  circle?: Circle | null;
  /** Circles to read distances by. */
  rings?: readonly Circle[];
  onCircle?: ((circle: Circle | null) => void) | undefined;
  /** A camera's view as it is being set; with `onCone` its foot and its direction are dragged. */
  cone?: Cone | null;
  onCone?: ((cone: Cone) => void) | undefined;
  /** What is being drawn by hand, and its corners so far: the caller keeps them, so that nothing is lost. */
  draw?: Draw | null;
  drawn?: readonly LonLat[];
  onDrawn?: ((corners: LonLat[]) => void) | undefined;
  onCancel?: (() => void) | undefined;
  /** A case's trail, over everything. */
  trail?: Trail | null;
  /** The window is fitted to what is shown whenever this changes. */
  fitTo?: string;
  /** Where to look while nothing is shown: positions around. */
  near?: readonly LonLat[];
}

const NONE: never[] = [];
const MOST_LISTED = 200;

export function AreaMap(props: Props) {
  const { places = NONE, cameras = NONE, roads = NONE, entrances = NONE, drawn = NONE, rings = NONE } = props;
  const { selected = null, cone = null, draw = null, trail = null, fitTo = "", near = NONE } = props;
  const host = useRef<HTMLDivElement>(null);
  const board = useRef<Board | null>(null);
  const [state, setState] = useState<"loading" | "ready" | "failed">("loading");
  const [round, setRound] = useState(0);
  const [aiming, setAiming] = useState(false);
  // While it is dragged a circle is the map's own: a search for every pixel would be too many.
  const [sketch, setSketch] = useState<Circle | null>(null);
  const circle = sketch ?? props.circle ?? null;
  const fitted = useRef<string | null>(null);

  // The board is made once; what it says goes to the newest props.
  const said = useRef<Said>(null!);
  said.current = {
    pick: ({ kind, id }) => (kind === "camera" ? props.onPickCamera : props.onPickEntrance)?.(id),
    point: (at) => {
      if (draw === null) props.onPickPoint?.(at);
      else props.onDrawn?.(draw === "point" ? [at] : [...drawn, at]);
    },
    corner: (index, at) => props.onDrawn?.(drawn.map((one, i) => (i === index ? at : one))),
    circle: (made, done) => {
      setAiming(false);
      setSketch(done ? null : made);
      if (done) props.onCircle?.(made);
    },
    cone: (turned) => props.onCone?.(turned),
    undo: () => draw !== null && drawn.length > 0 && props.onDrawn?.(drawn.slice(0, -1)),
    cancel: () => {
      setAiming(false);
      if (draw !== null) props.onCancel?.();
    },
  };

  useEffect(() => {
    let gone = false;
    setState("loading");
    import("./board").then(
      ({ Board: Made }) => {
        if (gone || !host.current) return;
        const relay: Said = {
          pick: (one) => said.current.pick(one),
          point: (at) => said.current.point(at),
          corner: (index, at) => said.current.corner(index, at),
          circle: (made, done) => said.current.circle(made, done),
          cone: (turned) => said.current.cone(turned),
          undo: () => said.current.undo(),
          cancel: () => said.current.cancel(),
        };
        const words = { map: props.label, zoomIn: t("map.zoomIn"), zoomOut: t("map.zoomOut"), handle: t("map.handle") };
        board.current = new Made(host.current, relay, words);
        fitted.current = null;
        setState("ready");
      },
      () => !gone && setState("failed"),
    );
    return () => {
      gone = true;
      board.current?.close();
      board.current = null;
    };
  }, [round, language.value]);

  useEffect(() => {
    const scene: Scene = { areas: places, cameras, roads, entrances, selected, circle, cone, drawn, draw, rings, trail };
    board.current?.show(scene, { circle: props.onCircle !== undefined, cone: props.onCone !== undefined });
    const something = places.length + cameras.length + roads.length + entrances.length + drawn.length + near.length > 0 || circle || cone;
    if (board.current && something && fitted.current !== fitTo) {
      fitted.current = fitTo;
      board.current.fit(near);
    }
  }, [state, places, cameras, roads, entrances, selected, circle, cone, drawn, draw, rings, trail, fitTo, props.onCircle, props.onCone]);

  useEffect(() => board.current?.recolour(), [theme.value]);

  return (
    <div class="map">
      <div class={draw || aiming ? "map-frame map-aim" : "map-frame"}>
        {/* Leaflet writes classes of its own here: this one never changes. */}
        <div ref={host} class="map-host" aria-busy={state === "loading"} />
        {(draw || aiming) && <Cross />}
        <North />
        <div class="map-tools">
          {state === "ready" && (
            <button type="button" onClick={() => board.current?.fit(near)}>
              {t("map.fit")}
            </button>
          )}
          {state === "ready" && props.onCircle && (
            <button
              type="button"
              aria-pressed={aiming}
              onClick={() => {
                setAiming(true);
                board.current?.startCircle();
                host.current?.focus();
              }}
            >
              {t("map.circle.draw")}
            </button>
          )}
        </div>
        {state === "loading" && <div class="map-wait bone" role="status" aria-label={t("loading")} />}
        {state === "failed" && (
          <p class="map-wait map-failed" role="alert">
            {t("problem.offline")}{" "}
            <button type="button" onClick={() => setRound(round + 1)}>
              {t("retry")}
            </button>
          </p>
        )}
      </div>
      {aiming && <p class="map-hint">{t("map.circle.hint")}</p>}
      {draw && <p class="map-hint">{t(`map.draw.${draw}`)}</p>}
      {draw && drawn.length > MOST_HANDLES && <p class="map-hint">{t("map.draw.many", { n: MOST_HANDLES })}</p>}
      {props.onCircle && <CircleFields circle={circle} onCircle={props.onCircle} centre={() => board.current?.centre() ?? null} />}
      {draw && props.onDrawn && <PointField draw={draw} drawn={drawn} onDrawn={props.onDrawn} />}
      {cameras.length > 0 && props.onPickCamera && <CameraList cameras={cameras} selected={selected} pick={props.onPickCamera} />}
    </div>
  );
}

/** The same cameras for those who do not see or point: a list of buttons. */
function CameraList({
  cameras,
  selected,
  pick,
}: {
  cameras: readonly MapCamera[];
  selected: string | null;
  pick: (id: string) => void;
}) {
  const [open, setOpen] = useState(false);
  const placed = cameras.filter((one) => one.lat !== null && one.lon !== null);
  const nowhere = cameras.length - placed.length;
  return (
    <details class="map-list" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        {t("map.list", { n: placed.length })}
        {nowhere > 0 && <span class="muted"> {t("map.nowhere", { n: nowhere })}</span>}
      </summary>
      {open && (
        <ul>
          {cameras.slice(0, MOST_LISTED).map((one) => (
            <li key={one.id}>
              <button type="button" class="quiet" aria-pressed={one.id === selected} onClick={() => pick(one.id)}>
                <i class={`dot dot-${toneOf(one.status)}`} /> {one.name}{" "}
                <span class="muted">{word("state", one.status.state)}</span>
              </button>
            </li>
          ))}
          {cameras.length > MOST_LISTED && <li class="muted">{t("map.list.more", { n: cameras.length - MOST_LISTED })}</li>}
        </ul>
      )}
    </details>
  );
}

const Cross = () => (
  <svg class="map-cross" viewBox="0 0 24 24" aria-hidden="true">
    <path d="M12 1v8m0 6v8M1 12h8m6 0h8" />
  </svg>
);

const North = () => (
  <svg class="map-north" viewBox="0 0 24 34" role="img" aria-label={t("map.north")}>
    <path d="M12 12l6 20-6-5-6 5z" />
    <text x="12" y="9">N</text>
  </svg>
);
