import { useEffect, useMemo, useState } from "preact/hooks";
import { type Answer, type Cell, type Part, readFrames, type Strip, WHOLE } from "../../../../api/stills";
import type { Problem } from "../../../../api/client";
import { t } from "../../../../i18n";
import { stamp } from "../../../../i18n/time";
import { settle } from "../../../../store/session";
import { Unread } from "../../../../ui/notice";
import { type GridCell, type Row, whyNone } from "./days";
import { Grid } from "./grid";
import type { Marks } from "./marks";
import { widerPart } from "./pictures";

const COLUMNS = 12;
const MOST = 60;
/** Keyframes come about every other second; closer there is nothing to see. */
export const FINEST_MS = 2_000;
const WIDTH = 160;

interface Props {
  strip: Strip;
  from: number;
  to: number;
  part: Part | null;
  stretched: boolean;
  marks: Marks;
  tool: Answer;
  onMark: (at: number, answer: Answer) => void;
}

/** Keyframes of the recordings between two moments: a screen of sixty at most. */
export function Closer({ strip, from, to, part, stretched, marks, tool, onMark }: Props) {
  const [cells, setCells] = useState<Cell[] | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [round, setRound] = useState(0);
  const count = Math.max(1, Math.min(MOST, Math.ceil((to - from) / FINEST_MS)));
  useEffect(() => {
    const stop = new AbortController();
    setCells(null);
    setProblem(null);
    readFrames({ camera: strip.camera_id, from, to, count, part: part ? widerPart(part) : WHOLE, width: WIDTH, stream: strip.stream }, stop.signal).then(setCells, (err: unknown) => {
      if (!stop.signal.aborted) setProblem(settle(err));
    });
    return () => stop.abort();
  }, [from, to, part, round]);
  const rows = useMemo(() => (cells ? rowsOf(strip, cells, from, to) : []), [cells]);
  if (cells === null) return <Unread problem={problem} retry={() => setRound(round + 1)} />;
  const step = (to - from) / count;
  return (
    <>
      <p class="muted small">{t("strip.closer.means", { from: stamp(from), to: stamp(to).slice(11), s: step < 10_000 ? (step / 1000).toFixed(1) : String(Math.round(step / 1000)) })}</p>
      <Grid
        label={t("strip.closer")}
        rows={rows}
        columns={Array.from({ length: Math.min(COLUMNS, count) }, (_, n) => after(n * step))}
        marks={marks}
        part={null}
        stretched={stretched}
        tool={tool}
        onMark={onMark}
      />
    </>
  );
}

/** How long after the row's begin: minutes, or seconds. */
const after = (ms: number): string => (ms === 0 ? "0" : ms >= 60_000 ? `+${Math.round(ms / 60_000)}′` : `+${(ms / 1000).toFixed(ms % 1000 === 0 ? 0 : 1)}″`);

function rowsOf(strip: Strip, cells: readonly Cell[], from: number, to: number): Row[] {
  const step = (to - from) / cells.length;
  const all: GridCell[] = cells.map((one) => ({
    begin: one.wanted,
    end: one.wanted + step,
    at: one.picture ? one.at : null,
    picture: one.picture,
    why: one.picture ? null : one.what === "unread" ? { sort: "unread" } : whyNone(strip, { from, to }, one.wanted, one.wanted + step),
  }));
  const rows: Row[] = [];
  for (let n = 0; n < all.length; n += COLUMNS) {
    const some = all.slice(n, n + COLUMNS);
    rows.push({ label: stamp(some[0]!.begin).slice(11), begin: some[0]!.begin, cells: some });
  }
  return rows;
}
