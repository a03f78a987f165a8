import type { JSX } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import * as api from "../../api/client";
import type { Bucket } from "../../api/types";
import { t } from "../../i18n";
import { minute } from "../../i18n/time";
import { type Axis, axis, type Filters, HOUR, read, toQuery, write } from "../../store/filters";
import { reachedSpan } from "../../store/reach";
import { route } from "../../store/route";
import { purpose, settle } from "../../store/session";
import { apply } from "./sentence";

const HEIGHT = 44;
const AGAIN_MS = 60_000;

interface Drawn {
  axis: Axis;
  buckets: Bucket[];
}

/** From one slot to another, both included, in either order. */
type Brush = readonly [from: number, to: number];

/** Bars over the range of the list; drawing over them, or Shift and the arrows, narrows the range. */
export function Histogram({ filters }: { filters: Filters }) {
  const drawn = useCounts(filters);
  const [brush, setBrush] = useState<Brush | null>(null);
  const held = useRef<number | null>(null);
  if (!drawn || drawn.buckets.length === 0) return <div class="histogram" />;

  const { first, step, slots } = drawn.axis;
  const most = Math.max(...drawn.buckets.map((one) => one.count));
  const total = drawn.buckets.reduce((sum, one) => sum + one.count, 0);
  const slotAt = (event: JSX.TargetedPointerEvent<SVGSVGElement>): number => {
    const box = event.currentTarget.getBoundingClientRect();
    return Math.min(slots - 1, Math.max(0, Math.floor(((event.clientX - box.left) / box.width) * slots)));
  };

  function narrow([a, b]: Brush): void {
    setBrush(null);
    const [from, to] = [Math.min(a, b), Math.max(a, b)];
    const now = read(route.peek().query);
    apply({ ...now, last: "", since: minute(first + from * step), until: minute(first + (to + 1) * step) }, false);
  }

  function onKey(event: JSX.TargetedKeyboardEvent<HTMLElement>): void {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by !== undefined) {
      event.preventDefault();
      event.stopPropagation();
      const to = Math.min(slots - 1, Math.max(0, (brush ? brush[1] : by > 0 ? -1 : slots) + by));
      setBrush([event.shiftKey && brush ? brush[0] : to, to]);
    } else if (event.key === "Enter" && brush) {
      event.preventDefault();
      event.stopPropagation();
      narrow(brush);
    } else if (event.key === "Escape" && brush) {
      event.stopPropagation();
      setBrush(null);
    }
  }

  return (
    <figure class="histogram">
      <div
        class="histogram-bars"
        role="group"
        tabIndex={0}
        aria-label={t("histogram", { n: total })}
        aria-describedby="histogram-how"
        onKeyDown={onKey}
        onBlur={() => setBrush(null)}
      >
        <svg
          viewBox={`0 0 ${slots * 10} ${HEIGHT}`}
          preserveAspectRatio="none"
          aria-hidden="true"
          onPointerDown={(event) => {
            if (event.button !== 0) return;
            const at = slotAt(event);
            event.currentTarget.setPointerCapture(event.pointerId);
            held.current = at;
            setBrush([at, at]);
          }}
          onPointerMove={(event) => {
            if (held.current !== null) setBrush([held.current, slotAt(event)]);
          }}
          onPointerUp={(event) => {
            const from = held.current;
            held.current = null;
            if (from !== null) narrow([from, slotAt(event)]);
          }}
          onPointerCancel={() => {
            held.current = null;
            setBrush(null);
          }}
        >
          {brush && (
            <rect
              class="brush"
              x={Math.min(...brush) * 10}
              y={0}
              width={(Math.abs(brush[1] - brush[0]) + 1) * 10}
              height={HEIGHT}
            />
          )}
          {drawn.buckets.map((one) => {
            const start = Date.parse(one.start);
            const height = Math.max(2, (one.count / most) * HEIGHT);
            return (
              <g key={one.start} class="slot">
                <title>{told(one, step)}</title>
                <rect class="slot-room" x={((start - first) / step) * 10} y={0} width={10} height={HEIGHT} />
                <rect class="slot-bar" x={((start - first) / step) * 10 + 1} y={HEIGHT - height} width={8} height={height} />
              </g>
            );
          })}
        </svg>
      </div>
      <figcaption class="time muted">
        <span>{minute(first)}</span>
        <span role="status">
          {brush
            ? saidOf(brush, drawn)
            : t("histogram.total", { n: total, per: t(step === HOUR ? "histogram.hour" : "histogram.day") })}
        </span>
        <span>{minute(first + slots * step)}</span>
      </figcaption>
      <p id="histogram-how" class="unseen">
        {t("histogram.how")}
      </p>
    </figure>
  );
}

const told = (one: Bucket, step: number): string => {
  const start = Date.parse(one.start);
  return `${minute(start)} – ${minute(start + step).slice(step === HOUR ? 11 : 0)} ${t("events.n", { n: one.count })}`;
};

function saidOf([a, b]: Brush, { axis: { first, step }, buckets }: Drawn): string {
  const from = first + Math.min(a, b) * step;
  const to = first + (Math.max(a, b) + 1) * step;
  const n = buckets
    .filter((one) => Date.parse(one.start) >= from && Date.parse(one.start) < to)
    .reduce((sum, one) => sum + one.count, 0);
  return `${minute(from)} – ${minute(to)} · ${t("events.n", { n })}`;
}

/** Counts over the filters' range, asked again every minute; none while they are not there. */
function useCounts(filters: Filters): Drawn | null {
  const [drawn, setDrawn] = useState<Drawn | null>(null);
  const key = write({ ...filters, order: "" }).toString();
  useEffect(() => {
    const stop = new AbortController();
    const round = async (): Promise<void> => {
      const now = Date.now();
      const over = axis(filters, now, reachedSpan(purpose.peek(), now));
      const query = toQuery(filters, now);
      query.set("bucket", over.step === HOUR ? "hour" : "day");
      try {
        setDrawn({ axis: over, buckets: await api.histogram(query, stop.signal) });
      } catch (err) {
        if (!stop.signal.aborted) settle(err); // the list beside it says what is wrong
      }
    };
    void round();
    const timer = setInterval(() => void round(), AGAIN_MS);
    return () => {
      stop.abort();
      clearInterval(timer);
    };
  }, [key]);
  return drawn;
}
