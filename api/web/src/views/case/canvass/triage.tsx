import { useState } from "preact/hooks";
import { acceptUpload, declineUpload, type Opened, openUpload, type Upload, UPLOAD_REFUSALS, type UploadRefusal } from "../../../api/canvass";
import type { Problem } from "../../../api/client";
import type { Case } from "../../../api/types";
import { t } from "../../../i18n";
import { minute } from "../../../i18n/time";
import { useAsked } from "../../../store/asked";
import { readBookmarks } from "../../../store/bookmarks";
import { may, settle } from "../../../store/session";
import { Dialog } from "../../../ui/dialog";
import { Field } from "../../../ui/field";
import { Wrong } from "../../../ui/formend";
import { Notice, Stale, Unread } from "../../../ui/notice";
import { Clock } from "./clock";
import { Pictures, Play, within } from "./play";
import { megabytes } from "./size";
import "../../../styles/admin.css";
import "../../../styles/bookmarks.css";
import "../../../styles/canvass.css";
import "../../../styles/cases.css";

const NONE: readonly Upload[] = [];

interface Props {
  of: Pick<Case, "id">;
  id: string;
  /** Where it begins to play. */
  from: number;
  /** What else was sent in: another file of the device may tell of its clock. */
  others?: readonly Upload[];
  onClose: () => void;
}

/** What somebody sent: what a decoder made of it, his own words, the clock; then it is taken or declined. */
export function Triage({ of, id, from, others = NONE, onClose }: Props) {
  const { value, problem, again } = useAsked((until) => openUpload(of.id, id, until), [id]);
  return (
    <Dialog label={t("upload.triage")} onClose={onClose} wide>
      {problem && value && <Stale problem={problem} />}
      {value === null ? <Unread problem={problem} retry={again} /> : <Judged of={of} opened={value} from={from} others={others} again={again} onClose={onClose} />}
    </Dialog>
  );
}

function Judged({ of, opened, from, others, again, onClose }: Omit<Props, "id" | "others"> & { opened: Opened; others: readonly Upload[]; again: () => void }) {
  const one = opened.upload;
  const like = others.find((other) => other.request_id === one.request_id && other.device === one.device && other.clock_offset_ms !== null);
  const kept = (): void => {
    again();
    if (one.state === "accepted") void readBookmarks(of.id); // what was marked in it is of another moment now
  };
  return (
    <div class="upload">
      <Verdict opened={opened} />
      {one.state === "accepted" ? <Play key={`${one.id} ${from}`} of={of} opened={opened} from={from} again={again} /> : <Pictures opened={opened} />}
      <div class="case-columns">
        <dl class="case-facts">
          <dt>{t("upload.asked")}</dt>
          <dd class="time">
            {minute(one.from)} – {minute(one.to)}
          </dd>
          <dt>{t("upload.giver")}</dt>
          <dd>
            <bdi>{one.giver}</bdi> {one.giver_contact}
          </dd>
          <dt>{t("upload.device")}</dt>
          <dd>
            <bdi>{one.device}</bdi>
          </dd>
          {one.giver_note !== "" && (
            <>
              <dt>{t("upload.note")}</dt>
              <dd>
                <bdi>{one.giver_note}</bdi>
              </dd>
            </>
          )}
          <dt>{t("upload.unaltered")}</dt>
          <dd>{t(one.unaltered ? "upload.unaltered.yes" : "upload.unaltered.no")}</dd>
          <dt>{t("upload.file")}</dt>
          <dd>
            <bdi>{one.given_name}</bdi> · {megabytes(one.bytes)}
          </dd>
          <dt>SHA-256</dt>
          <dd class="upload-hash">{one.sha256}</dd>
        </dl>
        <Clock of={of} opened={opened} like={like} kept={kept} />
      </div>
      {one.state === "received" && (may("manage_cases") ? <Judge of={of} opened={opened} done={onClose} /> : <Notice title={t("upload.officer")} />)}
    </div>
  );
}

function Verdict({ opened }: { opened: Opened }) {
  const { verdict, examined } = opened.upload;
  if (verdict === null || examined === null) return null;
  const facts = [
    examined.container,
    examined.codec,
    examined.width > 0 ? `${examined.width}×${examined.height}` : "",
    examined.duration_ms ? within(examined.duration_ms) : "",
  ].filter((part) => part !== "");
  return (
    <p class="row">
      <span class={verdict === "video" ? "tag tag-ok" : verdict === "damaged" ? "tag tag-wait" : "tag tag-bad"}>{t(`verdict.${verdict}`)}</span>
      <span class="muted small">{facts.join(" · ")}</span>
      {examined.reason !== "" && <span class="muted small">{t(`examined.${examined.reason}` as "examined.truncated")}</span>}
    </p>
  );
}

function Judge({ of, opened, done }: { of: Pick<Case, "id">; opened: Opened; done: () => void }) {
  const one = opened.upload;
  const [why, setWhy] = useState<UploadRefusal>(one.verdict === "not_video" ? "not_video" : one.verdict === "unreadable" ? "unreadable" : "not_needed");
  const [note, setNote] = useState("");
  const [despite, setDespite] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);

  async function judge(work: () => Promise<unknown>): Promise<void> {
    setBusy(true);
    setProblem(null);
    try {
      await work();
      done();
    } catch (err) {
      setProblem(settle(err));
      setBusy(false);
    }
  }

  return (
    <section class="upload-judge" aria-label={t("upload.judge")}>
      <Field label={t("upload.judgedNote")} optional={t("optional")}>
        {(wired) => <input {...wired} maxLength={200} value={note} onInput={(event) => setNote(event.currentTarget.value)} />}
      </Field>
      {one.verdict === "unreadable" && (
        <label class="check">
          <input type="checkbox" checked={despite} onChange={() => setDespite(!despite)} />
          <span>{t("upload.despite")}</span>
        </label>
      )}
      <Wrong problem={problem} />
      <div class="row">
        <button
          type="button"
          class="primary"
          disabled={busy || one.verdict === "not_video" || (one.verdict === "unreadable" && !despite)}
          onClick={() => void judge(() => acceptUpload(of.id, one.id, despite, note.trim()))}
        >
          {t("upload.accept")}
        </button>
        <span class="grow" />
        <select aria-label={t("upload.why")} value={why} onChange={(event) => setWhy(event.currentTarget.value as UploadRefusal)}>
          {UPLOAD_REFUSALS.map((reason) => (
            <option key={reason} value={reason}>
              {t(`uploadRefusal.${reason}`)}
            </option>
          ))}
        </select>
        <button type="button" class="danger" disabled={busy} onClick={() => void judge(() => declineUpload(of.id, one.id, why, note.trim()))}>
          {t("upload.decline")}
        </button>
      </div>
      <p class="muted small">{t("upload.decline.means")}</p>
    </section>
  );
}
