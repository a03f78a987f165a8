import { useEffect, useRef, useState } from "preact/hooks";
import type { Point, Scene } from "../../../api/register";
import { t } from "../../../i18n";
import { canFollow, LEAST_CORNERS, middle, outlineFault, share } from "../../../store/outline";
import { type Chosen, fault, pointsOf, type ShapeKind } from "../../../store/scenedraft";

interface Props {
  scene: Scene;
  chosen: Chosen | null;
  choose: (chosen: Chosen | null) => void;
  /** The kind being drawn; its corners so far are the editor's, so that nothing is lost. */
  drawing: ShapeKind | null;
  corners: readonly Point[];
  setCorners: (corners: Point[]) => void;
  /** The shape drawn is whole. */
  finish: (corners: readonly Point[]) => void;
  cancel: () => void;
  /** Other corners for the chosen shape; `first` is false while a drag goes on. */
  move: (points: Point[], first: boolean) => void;
  /** What was refused, in words for the status line. */
  refuse: (code: "self_intersection" | "area" | "corners" | "line" | null) => void;
  picture: string | null;
}

const WIDE = 1600;
const STEP = 0.005;
const FAR_STEP = 0.025;
/** Within this share of the width a click on the first corner closes the outline. */
const NEAR = 0.02;
const ARROWS: Record<string, Point> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

/** The picture with the scene over it: by pointer or by keys, shapes are drawn, and corners moved, added and removed. */
export function Canvas(props: Props) {
  const { scene, chosen, drawing, corners, picture } = props;
  const svg = useRef<SVGSVGElement>(null);
  const [tall, setTall] = useState(900);
  const [cursor, setCursor] = useState<Point>([0.5, 0.5]);
  // Who began to draw by keyboard goes on by keyboard.
  useEffect(() => {
    if (drawing !== null) svg.current?.focus({ preventScroll: true });
  }, [drawing]);
  const at = ([x, y]: Point): string => `${(x * WIDE).toFixed(1)},${(y * tall).toFixed(1)}`;

  function pointOf(event: PointerEvent): Point {
    const box = svg.current!.getBoundingClientRect();
    return [share((event.clientX - box.left) / box.width), share((event.clientY - box.top) / box.height)];
  }

  /** One more corner of what is drawn, or its end. */
  function add(point: Point): void {
    if (drawing === "line") {
      const both = [...corners, point];
      if (both.length < 2) props.setCorners(both);
      else if (fault("line", both)) props.refuse("line");
      else props.finish(both);
      return;
    }
    const first = corners[0];
    if (first && corners.length >= LEAST_CORNERS && Math.hypot(first[0] - point[0], first[1] - point[1]) < NEAR) {
      const wrong = outlineFault(corners);
      if (wrong) props.refuse(wrong);
      else props.finish(corners);
      return;
    }
    if (!canFollow(corners, point)) {
      props.refuse("self_intersection");
      return;
    }
    props.refuse(null);
    props.setCorners([...corners, point]);
  }

  function keyed(event: KeyboardEvent): void {
    if (drawing === null) return;
    const by = ARROWS[event.key];
    if (by) {
      const far = event.shiftKey ? FAR_STEP : STEP;
      setCursor([share(cursor[0] + by[0] * far), share(cursor[1] + by[1] * far)]);
    } else if (event.key === "Enter" || event.key === " ") add(cursor);
    else if (event.key === "Backspace" && corners.length > 0) props.setCorners(corners.slice(0, -1));
    else if (event.key === "Escape") props.cancel();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  const shapes: Chosen[] = [
    ...scene.masks.map((_, index) => ({ kind: "mask" as const, index })),
    ...scene.zones.map((_, index) => ({ kind: "zone" as const, index })),
    ...scene.lines.map((_, index) => ({ kind: "line" as const, index })),
  ];
  return (
    <div class="canvas">
      {picture === null ? (
        <div class="canvas-grid" />
      ) : (
        <img
          src={picture}
          alt=""
          onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) =>
            naturalWidth > 0 && setTall(Math.round((WIDE * naturalHeight) / naturalWidth))
          }
        />
      )}
      <svg
        ref={svg}
        viewBox={`0 0 ${WIDE} ${tall}`}
        preserveAspectRatio="none"
        class={drawing ? "canvas-draw" : ""}
        role="application"
        aria-label={t("scene.canvas")}
        aria-describedby="scene-help"
        tabindex={0}
        onKeyDown={keyed}
        onPointerDown={(event) => {
          if (event.button !== 0) return;
          if (drawing) add(pointOf(event));
          else if (event.target === svg.current) props.choose(null);
        }}
        onPointerMove={(event) => drawing && setCursor(pointOf(event))}
      >
        {shapes.map((one) => (
          <Shape
            key={`${one.kind} ${one.index}`}
            kind={one.kind}
            points={pointsOf(scene, one)}
            at={at}
            name={one.kind === "zone" ? scene.zones[one.index]!.name : one.kind === "line" ? scene.lines[one.index]!.name : ""}
            isChosen={chosen?.kind === one.kind && chosen.index === one.index}
            pick={() => drawing === null && props.choose(one)}
          />
        ))}
        {chosen && drawing === null && (
          <Handles key={`${chosen.kind} ${chosen.index}`} chosen={chosen} points={pointsOf(scene, chosen)} at={at} pointOf={pointOf} move={props.move} refuse={props.refuse} />
        )}
        {drawing && (
          <g class={`shape shape-${drawing} shape-drawn`}>
            <polyline points={[...corners, cursor].map(at).join(" ")} />
            {corners.map((one, index) => (
              <circle key={index} class="corner" cx={one[0] * WIDE} cy={one[1] * tall} r={index === 0 ? 13 : 9} />
            ))}
            <path class="cursor" d={`M${(cursor[0] * WIDE - 16).toFixed(1)} ${(cursor[1] * tall).toFixed(1)}h32m-16-16v32`} />
          </g>
        )}
      </svg>
    </div>
  );
}

interface ShapeProps {
  kind: ShapeKind;
  points: readonly Point[];
  name: string;
  isChosen: boolean;
  at: (point: Point) => string;
  pick: () => void;
}

function Shape({ kind, points, name, isChosen, at, pick }: ShapeProps) {
  const drawn = points.map(at).join(" ");
  const [a, b] = points;
  return (
    <g class={`shape shape-${kind}${isChosen ? " shape-chosen" : ""}`} onPointerDown={pick}>
      {kind === "line" ? <polyline points={drawn} /> : <polygon points={drawn} />}
      {kind === "line" && a && b && <Way a={a} b={b} at={at} />}
      {name !== "" && a && (
        <text x={Number(at(a).split(",")[0])} y={Number(at(a).split(",")[1]) - 14}>
          {name}
        </text>
      )}
    </g>
  );
}

/** An arrow over the line's middle in the direction that counts as in: from its left to its right as seen from a to b. */
function Way({ a, b, at }: { a: Point; b: Point; at: (point: Point) => string }) {
  const [ax, ay] = at(a).split(",").map(Number) as [number, number];
  const [bx, by] = at(b).split(",").map(Number) as [number, number];
  const long = Math.hypot(bx - ax, by - ay) || 1;
  // The picture's y grows downwards: to the right of travel is (-dy, dx).
  const [rx, ry] = [-(by - ay) / long, (bx - ax) / long];
  const [mx, my] = [(ax + bx) / 2, (ay + by) / 2];
  const [tipX, tipY] = [mx + rx * 56, my + ry * 56];
  const [backX, backY] = [mx + rx * 34, my + ry * 34];
  return <path class="way" d={`M${mx - rx * 40} ${my - ry * 40}L${tipX} ${tipY}M${backX - ry * 16} ${backY + rx * 16}L${tipX} ${tipY}L${backX + ry * 16} ${backY - rx * 16}`} />;
}

interface HandlesProps {
  chosen: Chosen;
  points: Point[];
  at: (point: Point) => string;
  pointOf: (event: PointerEvent) => Point;
  move: (points: Point[], first: boolean) => void;
  refuse: Props["refuse"];
}

/** The corners of the chosen shape, and between them where another one may come. */
function Handles({ chosen, points, at, pointOf, move, refuse }: HandlesProps) {
  const dragged = useRef<{ index: number; first: boolean } | null>(null);
  const outline = chosen.kind !== "line";

  function put(next: Point[], first: boolean): boolean {
    const wrong = fault(chosen.kind, next);
    refuse(wrong);
    if (wrong === null) move(next, first);
    return wrong === null;
  }
  const moved = (index: number, to: Point): Point[] => points.map((one, i) => (i === index ? to : one));

  function insert(index: number): void {
    const between = middle(points[index]!, points[(index + 1) % points.length]!);
    put([...points.slice(0, index + 1), between, ...points.slice(index + 1)], true);
  }
  function keyed(event: KeyboardEvent, index: number): void {
    const by = ARROWS[event.key];
    const from = points[index]!;
    if (by) {
      const far = event.shiftKey ? FAR_STEP : STEP;
      put(moved(index, [share(from[0] + by[0] * far), share(from[1] + by[1] * far)]), true);
    } else if (outline && (event.key === "Delete" || event.key === "Backspace")) put(points.filter((_, i) => i !== index), true);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  return (
    <g class="handles">
      {outline &&
        points.map((one, index) => {
          const [x, y] = at(middle(one, points[(index + 1) % points.length]!)).split(",");
          return (
            <circle
              key={`between ${index}`}
              class="between"
              cx={x}
              cy={y}
              r="8"
              role="button"
              tabindex={0}
              aria-label={t("scene.corner.add", { n: index + 1 })}
              onPointerDown={(event) => {
                event.stopPropagation();
                insert(index);
              }}
              onKeyDown={(event) => {
                if (event.key !== "Enter" && event.key !== " ") return;
                event.preventDefault();
                event.stopPropagation();
                insert(index);
              }}
            />
          );
        })}
      {points.map((one, index) => {
        const [x, y] = at(one).split(",");
        return (
          <circle
            key={`corner ${index}`}
            class="corner"
            cx={x}
            cy={y}
            r="13"
            role="button"
            tabindex={0}
            aria-label={t("scene.corner", { n: index + 1, x: Math.round(one[0] * 100), y: Math.round(one[1] * 100) })}
            onPointerDown={(event) => {
              event.stopPropagation();
              event.currentTarget.setPointerCapture(event.pointerId);
              dragged.current = { index, first: true };
            }}
            onPointerMove={(event) => {
              if (dragged.current?.index !== index) return;
              if (put(moved(index, pointOf(event)), dragged.current.first)) dragged.current.first = false;
            }}
            onPointerUp={() => {
              dragged.current = null;
              refuse(null);
            }}
            onDblClick={() => outline && put(points.filter((_, i) => i !== index), true)}
            onKeyDown={(event) => keyed(event, index)}
          />
        );
      })}
    </g>
  );
}
