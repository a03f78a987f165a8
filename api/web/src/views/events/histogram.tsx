import { useEffect, useState } from "preact/hooks";
import * as api from "../../api/client";
import type { Bucket } from "../../api/types";
import { t } from "../../i18n";
import { minute } from "../../i18n/time";
import { type Axis, axis, type Filters, HOUR, toQuery, write } from "../../store/filters";
import { go, href } from "../../store/route";
import { settle } from "../../store/session";

const HEIGHT = 44;
const AGAIN_MS = 60_000;

/** Bars over the range of the list, by hour up to three days and by day beyond; a click narrows to one bar. */
export function Histogram({ filters }: { filters: Filters }) {
  const [drawn, setDrawn] = useState<{ axis: Axis; buckets: Bucket[] } | null>(null);
  const key = write(filters).toString();

  useEffect(() => {
    const stop = new AbortController();
    const round = async (): Promise<void> => {
      const now = Date.now();
      const over = axis(filters, now);
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

  if (!drawn || drawn.buckets.length === 0) return <div class="histogram" />;
  const { first, step, slots } = drawn.axis;
  const most = Math.max(...drawn.buckets.map((one) => one.count));
  const total = drawn.buckets.reduce((sum, one) => sum + one.count, 0);

  function narrow(start: number): void {
    go(href("events", write({ ...filters, last: "", since: minute(start), until: minute(start + step) })), true);
  }

  return (
    <figure class="histogram" aria-label={t("histogram", { n: total })}>
      <svg viewBox={`0 0 ${slots * 10} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        {drawn.buckets.map((one) => {
          const start = Date.parse(one.start);
          const x = ((start - first) / step) * 10;
          const height = Math.max(2, (one.count / most) * HEIGHT);
          return (
            <g key={one.start} class="slot" onClick={() => narrow(start)}>
              <title>
                {minute(start)} – {minute(start + step).slice(step === HOUR ? 11 : 0)} {t("events.n", { n: one.count })}
              </title>
              <rect class="slot-room" x={x} y={0} width={10} height={HEIGHT} />
              <rect class="slot-bar" x={x + 1} y={HEIGHT - height} width={8} height={height} />
            </g>
          );
        })}
      </svg>
      <figcaption class="time muted">
        <span>{minute(first)}</span>
        <span>{t("histogram.total", { n: total, per: t(step === HOUR ? "histogram.hour" : "histogram.day") })}</span>
        <span>{minute(first + slots * step)}</span>
      </figcaption>
    </figure>
  );
}
