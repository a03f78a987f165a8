import { type JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { type Part, readFrames, type Strip, WHOLE } from "../../../../api/stills";
import { t } from "../../../../i18n";
import { stamp } from "../../../../i18n/time";
import { Crop } from "./crop";

interface Props {
  strip: Strip;
  /** The picture to draw on; null where there is none. */
  at: number | null;
  picture: Blob | null;
  part: Part | null;
  onPart: (part: Part | null) => void;
}

const LEAST = 0.02;
const NUDGE = 0.01;
const ARROWS: Record<string, readonly [number, number]> = {
  ArrowRight: [NUDGE, 0],
  ArrowLeft: [-NUDGE, 0],
  ArrowDown: [0, NUDGE],
  ArrowUp: [0, -NUDGE],
};
const MINUTE = 60_000;
const SHARP_WIDTH = 960;
const clip = (value: number): number => Math.min(Math.max(value, 0), 1);

/** A box from one corner to the other, whichever way it is drawn. */
const boxOf = (ax: number, ay: number, bx: number, by: number): Part => ({
  x0: Math.min(ax, bx),
  y0: Math.min(ay, by),
  x1: Math.max(ax, bx),
  y1: Math.max(ay, by),
});

/** A picture on which one draws a box around what is looked for. */
export function Draw({ strip, at, picture, part, onPart }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [sharp, setSharp] = useState<{ at: number; picture: Blob } | null>(null);
  const [drawn, setDrawn] = useState<Part | null>(null);
  const from = useRef<[number, number] | null>(null);
  useEffect(() => {
    if (at === null) return undefined;
    const stop = new AbortController();
    const wanted = { camera: strip.camera_id, from: at, to: at + MINUTE, count: 1, part: WHOLE, width: SHARP_WIDTH, stream: strip.stream };
    // Arrows run over many pictures: only where one rests is a larger one asked for.
    const timer = setTimeout(() => {
      readFrames(wanted, stop.signal).then(
        ([one]) => one?.picture && setSharp({ at, picture: one.picture }),
        () => {}, // the small picture does: it is there already
      );
    }, 600);
    return () => {
      clearTimeout(timer);
      stop.abort();
    };
  }, [at, strip.camera_id]);

  const place = (event: JSX.TargetedPointerEvent<HTMLDivElement>): [number, number] => {
    const area = box.current!.getBoundingClientRect();
    return [clip((event.clientX - area.left) / area.width), clip((event.clientY - area.top) / area.height)];
  };
  function end(event: JSX.TargetedPointerEvent<HTMLDivElement>): void {
    if (!from.current) return;
    const made = boxOf(...from.current, ...place(event));
    from.current = null;
    setDrawn(null);
    if (made.x1 - made.x0 >= LEAST && made.y1 - made.y0 >= LEAST) onPart(made);
  }
  function nudge(event: JSX.TargetedKeyboardEvent<HTMLDivElement>): void {
    const step = ARROWS[event.key];
    if (!step) return;
    const [dx, dy] = step;
    event.preventDefault();
    const was = part ?? { x0: 0.4, y0: 0.4, x1: 0.6, y1: 0.6 };
    const [w, h] = event.shiftKey ? [was.x1 - was.x0 + dx, was.y1 - was.y0 + dy] : [was.x1 - was.x0, was.y1 - was.y0];
    const [width, height] = [Math.min(Math.max(w, LEAST), 1), Math.min(Math.max(h, LEAST), 1)];
    const x0 = Math.min(Math.max(event.shiftKey ? was.x0 : was.x0 + dx, 0), 1 - width);
    const y0 = Math.min(Math.max(event.shiftKey ? was.y0 : was.y0 + dy, 0), 1 - height);
    onPart({ x0, y0, x1: x0 + width, y1: y0 + height });
  }

  const shown = drawn ?? part;
  return (
    <figure class="strip-draw">
      <div
        ref={box}
        class="strip-stage"
        role="application"
        tabIndex={0}
        aria-label={t("strip.draw.means")}
        onKeyDown={nudge}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          from.current = place(event);
        }}
        onPointerMove={(event) => from.current && setDrawn(boxOf(...from.current, ...place(event)))}
        onPointerUp={end}
        onPointerCancel={() => {
          from.current = null;
          setDrawn(null);
        }}
      >
        {picture ? <Crop picture={sharp?.at === at ? sharp.picture : picture} part={null} stretched={false} /> : <p class="muted">{t("strip.none")}</p>}
        {shown && (
          <span
            class="strip-box"
            style={{ left: `${shown.x0 * 100}%`, top: `${shown.y0 * 100}%`, width: `${(shown.x1 - shown.x0) * 100}%`, height: `${(shown.y1 - shown.y0) * 100}%` }}
          />
        )}
      </div>
      <figcaption class="row small muted">
        <span class="time">{at === null ? t("strip.none") : stamp(at)}</span>
        <span>{part ? t("strip.drawn") : t("strip.draw")}</span>
        {part && (
          <button type="button" class="quiet small" onClick={() => onPart(null)}>
            {t("strip.draw.clear")}
          </button>
        )}
      </figcaption>
    </figure>
  );
}
