import { useEffect, useRef, useState } from "preact/hooks";
import type { Problem } from "../../../api/client";
import { type Blur, type Draft, frameUrl, reviewDraft } from "../../../api/evidence";
import { t } from "../../../i18n";
import { settle } from "../../../store/session";
import { Dialog } from "../../../ui/dialog";
import { Field } from "../../../ui/field";
import { Wrong } from "../../../ui/formend";
import { toast } from "../../../ui/toast";

const AROUND_MS = 2000;
const MOST_BOXES = 50;
/** Shares of the picture: what is smaller was a click and no box. */
const LEAST = 0.01;

type Lasts = "here" | "rest" | "all";
type Box = Pick<Blur, "x0" | "y0" | "x1" | "y1">;

interface Props {
  draft: Draft;
  onClose: () => void;
  /** Made anew with these boxes, it is to be looked at again. */
  anew: (boxes: readonly Blur[]) => void;
  done: () => void;
}

/** Every frame of a blurred clip, to be looked at; what was missed is covered by a box that one drags over it. */
export function LookOver({ draft, onClose, anew, done }: Props) {
  const [number, setNumber] = useState(0);
  const [seen, setSeen] = useState<ReadonlySet<number>>(new Set());
  const [boxes, setBoxes] = useState<readonly Blur[]>(draft.boxes);
  const [lasts, setLasts] = useState<Lasts>("here");
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const changed = boxes !== draft.boxes;
  const at = number * draft.frame_ms;
  const go = (to: number): void => setNumber(Math.min(Math.max(to, 0), draft.frames - 1));

  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.target instanceof HTMLSelectElement) return;
      if (event.key === "ArrowRight") go(number + 1);
      else if (event.key === "ArrowLeft") go(number - 1);
      else return;
      event.preventDefault();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [number]);

  function put(box: Box): void {
    const end = draft.lasts_ms + draft.frame_ms;
    const span = { here: [Math.max(0, at - AROUND_MS), at + AROUND_MS], rest: [at, end], all: [0, end] }[lasts] as [number, number];
    setBoxes([...boxes, { ...box, from_ms: Math.round(span[0]), to_ms: Math.round(span[1]) }]);
  }

  async function confirm(): Promise<void> {
    setBusy(true);
    setProblem(null);
    try {
      await reviewDraft(draft);
      toast(t("blur.confirmed"), { tone: "ok" });
      done();
    } catch (err) {
      setProblem(settle(err));
      setBusy(false);
    }
  }

  return (
    <Dialog label={t("blur.look")} onClose={onClose} wide>
      <p class="muted small">{t("blur.how")}</p>
      <Frame
        key={draft.revision}
        url={frameUrl(draft, number)}
        label={t("blur.frame", { n: number + 1, of: draft.frames })}
        shown={boxes.filter((one) => one.from_ms <= at && at < one.to_ms)}
        loaded={() => setSeen(new Set([...seen, number]))}
        draw={boxes.length < MOST_BOXES ? put : null}
      />
      <div class="row">
        <button type="button" disabled={number === 0} onClick={() => go(number - 1)}>
          ← {t("blur.previous")}
        </button>
        <input type="range" class="grow" aria-label={t("blur.frame", { n: number + 1, of: draft.frames })} min={0} max={draft.frames - 1} value={number} onInput={(event) => go(event.currentTarget.valueAsNumber)} />
        <button type="button" disabled={number === draft.frames - 1} onClick={() => go(number + 1)}>
          {t("blur.next")} →
        </button>
        <span class="time">{t("blur.seen", { n: seen.size, of: draft.frames })}</span>
      </div>
      <Field label={t("blur.span")}>
        {(wired) => (
          <select {...wired} value={lasts} onChange={(event) => setLasts(event.currentTarget.value as Lasts)}>
            {(["here", "rest", "all"] as const).map((one) => (
              <option key={one} value={one}>
                {t(`blur.span.${one}`)}
              </option>
            ))}
          </select>
        )}
      </Field>
      <div class="row">
        {boxes.map((_, other) => (
          <button key={other} type="button" class="quiet small-button" onClick={() => setBoxes(boxes.filter((__, each) => each !== other))}>
            {t("blur.box.drop", { n: other + 1 })}
          </button>
        ))}
      </div>
      <Wrong problem={problem} />
      <div class="row">
        {changed ? (
          <button type="button" class="primary" onClick={() => anew(boxes)}>
            {t("blur.again")}
          </button>
        ) : (
          <button type="button" class="primary" disabled={busy || seen.size < draft.frames} onClick={() => void confirm()}>
            {t("blur.confirm")}
          </button>
        )}
        <button type="button" onClick={onClose}>
          {t("cancel")}
        </button>
      </div>
    </Dialog>
  );
}

interface FrameProps {
  url: string;
  label: string;
  shown: readonly Blur[];
  loaded: () => void;
  draw: ((box: Box) => void) | null;
}

function Frame({ url, label, shown, loaded, draw }: FrameProps) {
  const area = useRef<HTMLDivElement>(null);
  const from = useRef<{ x: number; y: number } | null>(null);
  const [drawn, setDrawn] = useState<Box | null>(null);

  function place(event: PointerEvent): { x: number; y: number } {
    const inside = area.current!.getBoundingClientRect();
    const share = (value: number): number => Math.min(1, Math.max(0, value));
    return { x: share((event.clientX - inside.left) / inside.width), y: share((event.clientY - inside.top) / inside.height) };
  }
  function move(event: PointerEvent): void {
    if (!from.current) return;
    const to = place(event);
    setDrawn({ x0: Math.min(from.current.x, to.x), y0: Math.min(from.current.y, to.y), x1: Math.max(from.current.x, to.x), y1: Math.max(from.current.y, to.y) });
  }
  function end(): void {
    from.current = null;
    if (drawn && drawn.x1 - drawn.x0 > LEAST && drawn.y1 - drawn.y0 > LEAST) draw?.(drawn);
    setDrawn(null);
  }

  return (
    <div
      ref={area}
      class="blur-frame"
      onPointerDown={(event) => {
        if (!draw) return;
        from.current = place(event);
        event.currentTarget.setPointerCapture(event.pointerId);
      }}
      onPointerMove={move}
      onPointerUp={end}
    >
      <img src={url} alt={label} draggable={false} onLoad={loaded} />
      <svg viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden="true">
        {[...shown, ...(drawn ? [drawn] : [])].map((one, at) => (
          <rect key={at} x={one.x0} y={one.y0} width={one.x1 - one.x0} height={one.y1 - one.y0} />
        ))}
      </svg>
    </div>
  );
}
