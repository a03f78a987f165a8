import type { ComponentChildren, JSX } from "preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { hubNow } from "../../api/hubclock";
import { t } from "../../i18n";
import { ahead, stamp } from "../../i18n/time";
import { theme } from "../../store/settings";
import { type Lane, RULER, rowsOf, type Scene, TimelinePainter } from "./painter";
import { atX, held, moved, spanOf, type View, zoomed } from "./scale";
import "../../styles/timeline.css";

interface Props {
  view: View;
  lanes: readonly Lane[];
  at: number;
  marked: Scene["marked"];
  onView: (view: View) => void;
  /** `lane`: which was pressed, −1 by a key. */
  onSeek: (at: number, lane: number) => void;
  /** What the moment is, in words, for those who do not see the lanes. */
  said: string;
  /** What is shown above the pointer. */
  tip: (at: number, lane: number) => ComponentChildren;
}

const SECOND_KEYS: Record<string, number> = { ArrowLeft: -10_000, ArrowRight: 10_000 };
const ZOOM_STEP = 1.6;
/** A press that moves less than this is a click. */
const STILL_PX = 5;
const WHEEL = 0.0022;

/**
 * The canvas with its pointer and keys: a click seeks, dragging pans, the wheel or two fingers zoom around where they are.
 * Read out, it is a slider over time.
 */
export function Timeline({ view, lanes, at, marked, onView, onSeek, said, tip }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const painter = useRef<TimelinePainter | null>(null);
  const [width, setWidth] = useState(0);
  const [hover, setHover] = useState<{ x: number; y: number } | null>(null);
  const now = hubNow();

  useLayoutEffect(() => {
    painter.current = new TimelinePainter(canvas.current!);
    const watch = new ResizeObserver(([one]) => setWidth(one!.contentRect.width));
    watch.observe(box.current!);
    setWidth(box.current!.clientWidth);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const recolour = (): void => {
      painter.current?.recolour();
      setWidth((was) => was + 0.001); // drawn anew
    };
    dark.addEventListener("change", recolour);
    return () => {
      watch.disconnect();
      dark.removeEventListener("change", recolour);
    };
  }, []);
  useEffect(() => painter.current?.recolour(), [theme.value]);
  useLayoutEffect(() => {
    if (width === 0) return;
    const scene: Scene = { view, lanes, at, now, ahead: ahead(view.to), marked, hover: hover && atX(view, width, hover.x) };
    painter.current?.draw(scene, width);
  });

  const change = (next: View): void => onView(held(next, hubNow()));
  const laneAt = (y: number): number => Math.floor((y - RULER) / rowsOf(lanes.length).lane);
  const pointers = usePointers(box, { view, width, change, seek: (to, y) => onSeek(to, laneAt(y)) });
  useWheel(box, { view, width, change });

  function onKey(event: JSX.TargetedKeyboardEvent<HTMLDivElement>): void {
    const by = SECOND_KEYS[event.key];
    const long = { PageUp: -600_000, PageDown: 600_000 }[event.key];
    if (by !== undefined) onSeek(at + by * (event.shiftKey ? 6 : 1), -1);
    else if (long !== undefined) onSeek(at + long, -1);
    else if (event.key === "+" || event.key === "=") change(zoomed(view, 1 / ZOOM_STEP, at));
    else if (event.key === "-") change(zoomed(view, ZOOM_STEP, at));
    else if (event.key === "Home") onSeek(view.from, -1);
    else if (event.key === "End") onSeek(Math.min(view.to, hubNow()), -1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  const lane = hover ? laneAt(hover.y) : -1;
  const shown = hover !== null && !pointers.held ? tip(atX(view, width, hover.x), Math.max(0, Math.min(lanes.length - 1, lane))) : null;
  return (
    <div
      ref={box}
      class="lanes"
      role="slider"
      tabIndex={0}
      aria-label={t("lanes.label")}
      aria-valuemin={Math.round(view.from / 1000)}
      aria-valuemax={Math.round(Math.max(view.to, at) / 1000)}
      aria-valuenow={Math.round(at / 1000)}
      aria-valuetext={`${stamp(at)} ${said}`}
      aria-describedby="timeline-how"
      onKeyDown={onKey}
      {...pointers.on}
      onPointerMove={(event) => {
        pointers.on.onPointerMove(event);
        const place = event.currentTarget.getBoundingClientRect();
        setHover(event.pointerType === "touch" ? null : { x: event.clientX - place.left, y: event.clientY - place.top });
      }}
      onPointerLeave={() => setHover(null)}
    >
      <canvas ref={canvas} aria-hidden="true" />
      {shown && (
        <div class="lanes-tip" style={{ left: `${Math.max(84, Math.min(width - 84, hover!.x))}px` }}>
          {shown}
        </div>
      )}
      <p id="timeline-how" class="unseen">
        {t("lanes.how")}
      </p>
    </div>
  );
}

interface Moves {
  view: View;
  width: number;
  change: (view: View) => void;
  seek?: (at: number, y: number) => void;
}

type Press = JSX.TargetedPointerEvent<HTMLDivElement>;

/** One pointer pans or, when it stood still, seeks; two zoom. */
function usePointers(box: { current: HTMLDivElement | null }, moves: Moves) {
  const downs = useRef(new Map<number, number>());
  const began = useRef<{ x: number; view: View; moved: boolean; spread: number } | null>(null);
  const [held, setHeld] = useState(false);
  const left = (): number => box.current!.getBoundingClientRect().left;
  const xs = (): number[] => [...downs.current.values()];
  const middle = (): number => xs().reduce((sum, one) => sum + one, 0) / downs.current.size;
  const spread = (): number => (downs.current.size > 1 ? Math.max(...xs()) - Math.min(...xs()) : 0);
  const anew = (): void => {
    began.current = downs.current.size > 0 ? { x: middle(), view: moves.view, moved: began.current?.moved ?? false, spread: spread() } : null;
  };
  const end = (event: Press): void => {
    const press = began.current;
    const x = event.clientX - left();
    if (!downs.current.delete(event.pointerId)) return;
    if (downs.current.size === 0) {
      setHeld(false);
      if (press && !press.moved && event.type === "pointerup") moves.seek?.(atX(moves.view, moves.width, x), event.clientY - box.current!.getBoundingClientRect().top);
      began.current = null;
    } else anew();
  };
  return {
    held,
    on: {
      onPointerDown: (event: Press) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        downs.current.set(event.pointerId, event.clientX - left());
        anew();
      },
      onPointerMove: (event: Press) => {
        const press = began.current;
        if (!press || !downs.current.has(event.pointerId)) return;
        downs.current.set(event.pointerId, event.clientX - left());
        const x = middle();
        if (!press.moved && Math.abs(x - press.x) < STILL_PX && downs.current.size === 1) return;
        press.moved = true;
        setHeld(true);
        const by = press.spread > 0 && spread() > 0 ? press.spread / spread() : 1;
        const wide = by === 1 ? press.view : zoomed(press.view, by, atX(press.view, moves.width, press.x));
        moves.change(moved(wide, ((press.x - x) / moves.width) * spanOf(wide)));
      },
      onPointerUp: end,
      onPointerCancel: end,
    },
  };
}

/** The wheel zooms around the pointer; sideways, or with Shift, it pans. Not passive: else the page would scroll along. */
function useWheel(box: { current: HTMLDivElement | null }, moves: Moves): void {
  const latest = useRef(moves);
  latest.current = moves;
  useEffect(() => {
    const element = box.current!;
    const turn = (event: WheelEvent): void => {
      event.preventDefault();
      const { view, width, change } = latest.current;
      const x = event.clientX - element.getBoundingClientRect().left;
      const aside = event.shiftKey ? event.deltaY : event.deltaX;
      if (Math.abs(aside) > Math.abs(event.shiftKey ? event.deltaX : event.deltaY)) change(moved(view, (aside / width) * spanOf(view)));
      else change(zoomed(view, Math.exp(event.deltaY * WHEEL), atX(view, width, x)));
    };
    element.addEventListener("wheel", turn, { passive: false });
    return () => element.removeEventListener("wheel", turn);
  }, []);
}

