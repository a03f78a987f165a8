import { useEffect, useRef, useState } from "preact/hooks";
import type { Approval, ExportAsk } from "../../../api/cases";
import { type Blur, type Draft, listDrafts, makeDraft } from "../../../api/evidence";
import { problemText, t } from "../../../i18n";
import { minute, stamp } from "../../../i18n/time";
import { useAsked } from "../../../store/asked";
import { useCamera } from "../../../store/cameraname";
import { settle } from "../../../store/session";
import { Unread } from "../../../ui/notice";
import { Progress } from "../../../ui/progress";
import { LookOver } from "./lookover";
import { Maker } from "./make";

interface Props {
  approval: Approval & { asked: ExportAsk };
  again: boolean;
  done: () => void;
}

/** Copies for others: each stretch is blurred, looked at by an officer, and only then taken out. */
export function Copies({ approval, again, done }: Props) {
  const { value: drafts, problem, again: read } = useAsked((until) => listDrafts(approval.id, until), [approval.id]);
  if (drafts === null) return <Unread problem={problem} retry={read} />;
  const ready = approval.asked.items.every((_, item) => drafts.some((one) => one.item === item && one.reviewed_at !== null));
  return (
    <>
      <ul class="copies">
        {approval.asked.items.map((one, item) => (
          <li key={item}>
            <Copy approval={approval.id} item={item} camera={one.camera_id} from={one.starts_at} draft={drafts.find((each) => each.item === item) ?? null} done={read} />
          </li>
        ))}
      </ul>
      {ready && <Maker approval={approval} again={again} done={done} />}
    </>
  );
}

interface CopyProps {
  approval: string;
  item: number;
  camera: string;
  from: string;
  draft: Draft | null;
  done: () => void;
}

function Copy({ approval, item, camera, from, draft, done }: CopyProps) {
  const [step, setStep] = useState<{ done: number; total: number } | null>(null);
  const [failed, setFailed] = useState("");
  const [looking, setLooking] = useState(false);
  const stop = useRef<AbortController | null>(null);
  const name = useCamera(camera);
  useEffect(() => () => stop.current?.abort(), []);

  async function make(boxes: readonly Blur[]): Promise<void> {
    const work = new AbortController();
    stop.current = work;
    setLooking(false);
    setFailed("");
    setStep({ done: 0, total: 1 });
    try {
      await makeDraft(approval, item, boxes, (got, total) => setStep({ done: got, total }), work.signal);
      done();
    } catch (err) {
      if (!work.signal.aborted) setFailed(problemText(settle(err)));
    }
    setStep(null);
  }

  if (step) return <Progress label={t("blur.making")} value={step.done} max={step.total} onCancel={() => stop.current?.abort()} />;
  return (
    <div class="row">
      <strong>{t("blur.item", { n: item + 1 })}</strong>
      <span>
        {name} <span class="time muted">{stamp(from)}</span>
      </span>
      {draft && (
        <>
          <span class={draft.reviewed_at ? "tag tag-ok" : "tag tag-wait"}>
            {draft.reviewed_at ? t("blur.reviewed", { name: draft.reviewed_by, at: minute(draft.reviewed_at) }) : t("blur.unreviewed")}
          </span>
          <span class="muted small">{t("blur.found", { n: draft.found, hand: draft.boxes.length })}</span>
        </>
      )}
      <span class="grow" />
      {draft ? (
        <button type="button" class={draft.reviewed_at ? "desk-only" : "primary desk-only"} onClick={() => setLooking(true)}>
          {t("blur.look")}
        </button>
      ) : (
        <button type="button" class="primary desk-only" onClick={() => void make([])}>
          {t("blur.make")}
        </button>
      )}
      {failed && (
        <p class="error" role="alert">
          {failed}
        </p>
      )}
      {looking && draft && (
        <LookOver
          draft={draft}
          onClose={() => setLooking(false)}
          anew={(boxes) => void make(boxes)}
          done={() => {
            setLooking(false);
            done();
          }}
        />
      )}
    </div>
  );
}
