import type { RefObject } from "preact";
import { type PatrolCamera, type PatrolVerdict, VERDICTS } from "../../api/patrols";
import type { Camera } from "../../api/types";
import { problemText, t, word } from "../../i18n";
import { Problem } from "../../api/client";

interface Props {
  camera: PatrolCamera;
  /** As the list of cameras has it now; undefined before that is read. */
  now: Camera | undefined;
  before: PatrolVerdict | null;
  note: string;
  box: RefObject<HTMLTextAreaElement>;
  write: (note: string) => void;
  say: (verdict: PatrolVerdict) => void;
}

/** Why nothing is seen, in words; empty where something is. */
function dark(camera: PatrolCamera, now: Camera | undefined): string {
  if (camera.refused !== null) return t("patrol.refused", { why: problemText(new Problem(403, camera.refused, camera.refused)) });
  const { state, reason } = now?.status ?? camera;
  return state === "live" ? "" : t("patrol.dark", { why: reason ? word("reason", reason) : word("state", state) });
}

/** As the hub judges it (registry/patrols/marking.py): nobody can say that what is not seen is normal. */
export function canSay(camera: PatrolCamera, now: Camera | undefined): ReadonlySet<PatrolVerdict> {
  if (camera.refused !== null) return new Set(["fault"]);
  return new Set(VERDICTS.filter((one) => one !== "normal" || dark(camera, now) === ""));
}

/** The four marks, one key each, with a note; of a camera that shows nothing it says why. */
export function Verdicts({ camera, now, before, note, box, write, say }: Props) {
  const why = dark(camera, now);
  const can = canSay(camera, now);
  return (
    <div class="verdicts" role="group" aria-label={t("patrol.mark")}>
      {why !== "" && (
        <p class="verdicts-why" role="status">
          <i class="dot dot-bad" /> {why}
        </p>
      )}
      {VERDICTS.map((one, index) => (
        <button
          key={one}
          type="button"
          class={`verdict verdict-${one}`}
          aria-pressed={before === one}
          disabled={!can.has(one)}
          onClick={() => say(one)}
        >
          <kbd>{index + 1}</kbd> {word("patrolVerdict", one)}
        </button>
      ))}
      <textarea
        ref={box}
        rows={1}
        maxLength={500}
        aria-label={t("patrol.note")}
        placeholder={t("patrol.note.hint")}
        value={note}
        onInput={(event) => write(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") event.currentTarget.blur();
        }}
      />
    </div>
  );
}
