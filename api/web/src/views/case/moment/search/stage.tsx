import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Point } from "../../../../api/register";
import { readFrames, WHOLE } from "../../../../api/stills";
import { t } from "../../../../i18n";
import { stamp } from "../../../../i18n/time";
import { boxed, cellsPath, COLUMNS, nudged, ROWS } from "./regions";

const ARROWS: Record<string, Point> = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
const WIDTH = 960;
const DAY = 86_400_000;
const MOST_CORNERS = 64;
const W = 160;
const H = 90;
const clip = (value: number): number => Math.min(Math.max(value, 0), 1);
const at = (points: readonly Point[]): string => points.map(([x, y]) => `${x * W},${y * H}`).join(" ");

interface Props {
  camera: string;
  name: string;
  /** The newest picture before it is drawn on. */
  until: number;
  outline: Point[] | null;
  /** Cells of the last answer: those that masks cover, those that were left out as they move all the time. */
  dark: readonly number[];
  noisy: readonly number[];
  onOutline: (outline: Point[] | null) => void;
}

/** A camera's picture, where there is one to see, on which one draws a box, or corner by corner an outline. */
export function Stage({ camera, name, until, outline, dark, noisy, onOutline }: Props) {
  const area = useRef<SVGSVGElement>(null);
  const [picture, setPicture] = useState<{ url: string; at: number } | "none" | null>(null);
  const [from, setFrom] = useState<Point | null>(null);
  const [to, setTo] = useState<Point | null>(null);
  const [corners, setCorners] = useState<Point[] | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    let url: string | null = null;
    setPicture(null);
    setCorners(null);
    const wanted = { camera, from: until - DAY, to: until, count: 12, part: WHOLE, width: WIDTH, stream: "sub" as const };
    readFrames(wanted, stop.signal).then(
      (cells) => {
        const last = cells.filter((one) => one.picture).at(-1);
        if (!last) return setPicture("none");
        url = URL.createObjectURL(last.picture!);
        setPicture({ url, at: last.at });
      },
      () => !stop.signal.aborted && setPicture("none"), // one draws without it: the grid is there
    );
    return () => {
      stop.abort();
      if (url) URL.revokeObjectURL(url);
    };
  }, [camera, until]);

  function place(event: JSX.TargetedPointerEvent<SVGSVGElement>): Point {
    const box = area.current!.getBoundingClientRect();
    return [clip((event.clientX - box.left) / box.width), clip((event.clientY - box.top) / box.height)];
  }
  function down(event: JSX.TargetedPointerEvent<SVGSVGElement>): void {
    if (corners) {
      if (corners.length < MOST_CORNERS) setCorners([...corners, place(event)]);
      return;
    }
    event.currentTarget.setPointerCapture(event.pointerId);
    setFrom(place(event));
  }
  function up(event: JSX.TargetedPointerEvent<SVGSVGElement>): void {
    if (!from) return;
    const made = boxed(from, place(event));
    setFrom(null);
    setTo(null);
    if (made) onOutline(made);
  }
  function close(): void {
    if (corners && corners.length >= 3) onOutline(corners);
    setCorners(null);
  }
  function keys(event: JSX.TargetedKeyboardEvent<SVGSVGElement>): void {
    const step = ARROWS[event.key];
    if (event.key === "Enter" && corners) close();
    else if (event.key === "Escape" && corners) setCorners(null);
    else if (step) onOutline(nudged(outline, step[0] / COLUMNS, step[1] / ROWS, event.shiftKey));
    else return;
    event.preventDefault();
  }

  const shown = from && to ? boxed(from, to) : outline;
  return (
    <figure class="motion-draw">
      <div class="motion-stage">
        {picture !== null && picture !== "none" && <img src={picture.url} alt={t("motion.pictureOf", { name })} />}
        <svg
          ref={area}
          viewBox={`0 0 ${W} ${H}`}
          preserveAspectRatio="none"
          role="application"
          tabIndex={0}
          aria-label={t("motion.draw.keys", { name })}
          onPointerDown={down}
          onPointerMove={(event) => from && setTo(place(event))}
          onPointerUp={up}
          onPointerCancel={() => {
            setFrom(null);
            setTo(null);
          }}
          onKeyDown={keys}
        >
          <path class="motion-grid" d={GRID} />
          <path class="motion-dark" d={cellsPath(dark, W, H)} />
          <path class="motion-noisy" d={cellsPath(noisy, W, H)} />
          {shown && <polygon class="motion-region" points={at(shown)} />}
          {corners && <polyline class="motion-region" points={at(corners)} />}
          {corners?.map((one, n) => <circle key={n} class="motion-corner" cx={one[0] * W} cy={one[1] * H} r="1.2" />)}
        </svg>
      </div>
      <figcaption class="row small muted">
        <span>{picture === null ? t("loading") : picture === "none" ? t("motion.noPicture") : stamp(picture.at)}</span>
        <span>{corners ? t("motion.draw.corners") : outline ? t("motion.drawn") : t("motion.draw")}</span>
        {dark.some(Boolean) && (
          <span>
            <i class="motion-key motion-key-dark" /> {t("motion.key.dark")}
          </span>
        )}
        {noisy.some(Boolean) && (
          <span>
            <i class="motion-key motion-key-noisy" /> {t("motion.key.noisy")}
          </span>
        )}
        <span class="grow" />
        {corners ? (
          <button type="button" class="small" disabled={corners.length < 3} onClick={close}>
            {t("motion.draw.close")}
          </button>
        ) : (
          <button type="button" class="quiet small" onClick={() => setCorners([])}>
            {t("motion.draw.outline")}
          </button>
        )}
        {outline && !corners && (
          <button type="button" class="quiet small" onClick={() => onOutline(null)}>
            {t("motion.draw.clear")}
          </button>
        )}
      </figcaption>
    </figure>
  );
}

const GRID = [
  ...Array.from({ length: COLUMNS - 1 }, (_, n) => `M${((n + 1) * W) / COLUMNS} 0V${H}`),
  ...Array.from({ length: ROWS - 1 }, (_, n) => `M0 ${((n + 1) * H) / ROWS}H${W}`),
].join("");
