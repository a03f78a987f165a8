import { type JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import type { Answer, Part } from "../../../../api/stills";
import { t, word } from "../../../../i18n";
import { stamp } from "../../../../i18n/time";
import { useKeys } from "../../../../ui/keys";
import { Crop } from "./crop";
import type { GridCell, Row, Why } from "./days";
import type { Marks } from "./marks";

interface Props {
  label: string;
  rows: readonly Row[];
  /** What stands over the columns. */
  columns: readonly string[];
  marks: Marks;
  part: Part | null;
  stretched: boolean;
  /** What a click says of a picture. */
  tool: Answer;
  onMark: (at: number, answer: Answer) => void;
  /** The picture that has the focus. */
  onLook?: (cell: GridCell) => void;
  /** Opens a row closer. */
  onRow?: (row: Row) => void;
}

const STEPS: Record<string, [number, number]> = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] };
const KEYS: Record<string, Answer> = { "1": "in", "0": "out", "?": "unknown" };

/** Crops in rows and columns; arrows go through them, 1, 0 and ? say what one sees. */
export function Grid({ label, rows, columns, marks, part, stretched, tool, onMark, onLook, onRow }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const [spot, setSpot] = useState<[number, number]>([0, 0]);
  const [row, column] = [Math.min(spot[0], rows.length - 1), spot[1]];
  const inside = (): boolean => box.current?.contains(document.activeElement) ?? false;
  const say = (answer: Answer): void => {
    const at = rows[row]?.cells[column]?.at;
    if (at != null) onMark(at, answer);
  };
  useKeys(t("strip.keys"), [
    ...Object.entries(KEYS).map(([key, answer]) => ({ keys: [key], label: word("answer", answer), when: inside, run: () => say(answer) })),
  ]);

  function walk(event: JSX.TargetedKeyboardEvent<HTMLDivElement>): void {
    const step = STEPS[event.key];
    if (!step || !(event.target as HTMLElement).matches(".strip-cell")) return;
    event.preventDefault();
    const to: [number, number] = [
      Math.min(Math.max(row + step[0], 0), rows.length - 1),
      Math.min(Math.max(column + step[1], 0), columns.length - 1),
    ];
    setSpot(to);
    box.current?.querySelector<HTMLElement>(`[data-spot="${to.join("-")}"]`)?.focus();
  }

  return (
    <div ref={box} class="strip-grid" role="grid" aria-label={label} style={{ "--columns": columns.length }} onKeyDown={walk}>
      <div class="strip-row strip-head" role="row">
        <span role="columnheader" aria-label={t("strip.day")} />
        {columns.map((one) => (
          <span key={one} role="columnheader">
            {one}
          </span>
        ))}
      </div>
      {rows.map((one, r) => (
        <div key={one.begin} class="strip-row" role="row">
          <span role="rowheader">
            {onRow ? (
              <button type="button" class="quiet strip-open" title={t("strip.openDay")} aria-label={t("strip.openDayOf", { day: one.label })} onClick={() => onRow(one)}>
                {one.label}
              </button>
            ) : (
              one.label
            )}
          </span>
          {one.cells.map((cell, c) => (
            <span key={cell.begin} role="gridcell">
              <button
                type="button"
                class="strip-cell"
                data-spot={`${r}-${c}`}
                data-mark={cell.at === null ? undefined : marks.get(cell.at)}
                data-why={cell.why?.sort}
                tabIndex={r === row && c === column ? 0 : -1}
                aria-label={told(cell, marks)}
                title={told(cell, marks)}
                onFocus={() => {
                  setSpot([r, c]);
                  onLook?.(cell);
                }}
                onClick={() => cell.at !== null && onMark(cell.at, tool)}
              >
                {cell.picture && <Crop picture={cell.picture} part={part} stretched={stretched} />}
                {cell.why && cell.why.sort !== "outside" && <span class="strip-none">–</span>}
              </button>
            </span>
          ))}
        </div>
      ))}
    </div>
  );
}

function told(cell: GridCell, marks: Marks): string {
  if (cell.at === null) return `${stamp(cell.begin).slice(5, 19)} ${cell.why ? reason(cell.why) : t("strip.none")}`;
  const mark = marks.get(cell.at);
  return mark ? `${stamp(cell.at).slice(5)} ${word("answer", mark)}` : stamp(cell.at).slice(5);
}

export function reason(why: Why): string {
  if (why.sort === "gap") return t("strip.none.gap", { why: word("gap", why.cause) });
  if (why.sort === "outside") return t("strip.outside");
  return t(why.sort === "unseen" ? "strip.unseen" : why.sort === "unread" ? "strip.unread" : "strip.none");
}
