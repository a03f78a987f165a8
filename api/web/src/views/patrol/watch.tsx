import { useEffect, useRef, useState } from "preact/hooks";
import type { Patrol, PatrolVerdict } from "../../api/patrols";
import { VERDICTS } from "../../api/patrols";
import { t, word } from "../../i18n";
import { cameras } from "../../store/cameras";
import type { Shift } from "../../store/patrol";
import { may } from "../../store/session";
import { Dialog } from "../../ui/dialog";
import { useKeys } from "../../ui/keys";
import { Before } from "./before";
import { Ending } from "./ending";
import { Head } from "./head";
import { Stops } from "./stops";
import { Suspicious } from "./suspicious";
import { Tiles } from "./tiles";
import { canSay, Verdicts } from "./verdicts";

const LOOK_MS = 250;

/** What a dialog asks: the end's note, or what a mark just made is about. */
type Asking = "end" | { mark: string; camera: string };

/** A shift in front of its cameras: one after the other, each looked at and marked. */
export function Watch({ shift, ended }: { shift: Shift; ended: (patrol: Patrol) => void }) {
  const [typed, type] = useState({ at: -1, text: "" });
  const [asking, setAsking] = useState<Asking | null>(null);
  const box = useRef<HTMLTextAreaElement>(null);
  const { at } = shift.tour.value;
  // What was typed belongs to the camera it was typed for.
  const note = typed.at === at ? typed.text : "";
  const camera = shift.patrol.cameras[at];
  const now = cameras.value?.find((one) => one.id === camera?.camera_id);

  useEffect(() => {
    const timer = setInterval(() => shift.tick(), LOOK_MS);
    const look = (): void => (document.hidden ? shift.hold("hidden") : shift.release("hidden"));
    look();
    document.addEventListener("visibilitychange", look);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
      shift.hold("hidden"); // while one looks elsewhere on the page
    };
  }, [shift]);
  useEffect(() => (asking === null ? shift.release("asking") : shift.hold("asking")), [asking]);

  const say = (verdict: PatrolVerdict): void => {
    if (camera === undefined || !canSay(camera, now).has(verdict)) return;
    const mark = shift.mark(verdict, note.trim());
    if (verdict === "suspicious" && may("work_incidents")) setAsking({ mark, camera: camera.name });
    else shift.onward();
  };
  const onward = (): void => {
    setAsking(null);
    shift.onward();
  };
  const pause = (): void => (shift.holds.value.has("paused") ? shift.release("paused") : shift.hold("paused"));
  useKeys(t("nav.patrol"), [
    ...VERDICTS.map((one, index) => ({ keys: [String(index + 1)], label: word("patrolVerdict", one), run: () => say(one) })),
    { keys: [" ", "p"], label: t("patrol.pause"), run: pause },
    { keys: ["arrowright", "j"], label: t("patrol.next"), run: () => shift.step(1) },
    { keys: ["arrowleft", "k"], label: t("patrol.back"), run: () => shift.step(-1) },
    { keys: ["n"], label: t("patrol.note"), run: () => box.current?.focus() },
    { keys: ["e"], label: t("patrol.end"), run: () => setAsking("end") },
  ]);
  if (!camera) return null;
  return (
    <section class="watch" aria-label={t("nav.patrol")}>
      <Head shift={shift} pause={pause} end={() => setAsking("end")} />
      <Before shift={shift} />
      <div class="watch-body">
        <Tiles shift={shift} />
        <Verdicts
          camera={camera}
          now={now}
          before={shift.verdicts.value[at] ?? null}
          note={note}
          box={box}
          write={(text) => {
            type({ at, text });
            if (text === "") shift.release("writing");
            else shift.hold("writing");
          }}
          say={say}
        />
        <Stops shift={shift} />
      </div>
      {asking !== null && asking !== "end" && (
        <Dialog label={t("patrol.suspicious", { camera: asking.camera })} onClose={onward}>
          <Suspicious
            note={note}
            raise={(headline) => {
              shift.raise(asking.mark, asking.camera, headline);
              onward();
            }}
            leave={onward}
          />
        </Dialog>
      )}
      {asking === "end" && (
        <Dialog label={t("patrol.end")} onClose={() => setAsking(null)}>
          <Ending shift={shift} ended={ended} />
        </Dialog>
      )}
    </section>
  );
}
