import { useEffect, useRef, useState } from "preact/hooks";
import { type Clip, makeClip } from "../../api/recordings";
import { listed, problemText, span, t, word } from "../../i18n";
import { stamp } from "../../i18n/time";
import type { PlaySession } from "../../store/playsession";
import { may, settle } from "../../store/session";
import { Icon } from "../../ui/icon";
import { Progress } from "../../ui/progress";
import { HoldButton } from "./hold";
import type { Played } from "./tile";

interface Props {
  session: PlaySession;
  cameras: readonly Played[];
}

/** What the hub puts into one clip. */
const MOST_MS = 7_200_000;

/** What is marked between in and out: taken away as a clip, or held for the case. */
export function Marked({ session, cameras }: Props) {
  const { from, to } = session.marked.value;
  const lates = cameras.map((one) => session.late(one.id));
  const whole = from !== null && to !== null ? { from, to } : null;
  return (
    <section class="play-marked" aria-label={t("clip.title")}>
      <div class="row">
        <button type="button" class="small-button" onClick={() => session.mark("from")}>
          {t("clip.in")} <kbd>I</kbd>
        </button>
        <span class="time">{from === null ? "—" : stamp(from)}</span>
        <button type="button" class="small-button" onClick={() => session.mark("to")}>
          {t("clip.out")} <kbd>O</kbd>
        </button>
        <span class="time">{to === null ? "—" : stamp(to)}</span>
        {whole && <span class="muted">{span(whole.to - whole.from)}</span>}
        {(from !== null || to !== null) && (
          <button
            type="button"
            class="quiet small-button"
            onClick={() => {
              session.marked.value = { from: null, to: null };
            }}
          >
            {t("clip.clear")}
          </button>
        )}
      </div>
      {whole === null ? (
        <p class="muted small">{t("clip.how")}</p>
      ) : (
        <>
          {whole.to - whole.from > MOST_MS && <p class="error">{t("clip.long")}</p>}
          {may("export") && whole.to - whole.from <= MOST_MS && (
            <ul class="clips">
              {cameras.map((one) => (
                <li key={one.id}>
                  <ClipMaker key={`${whole.from} ${whole.to}`} camera={one} from={whole.from + session.late(one.id)} to={whole.to + session.late(one.id)} session={session} />
                </li>
              ))}
            </ul>
          )}
          {may("manage_cases") && <HoldButton cameras={cameras} from={whole.from + Math.min(...lates)} to={whole.to + Math.max(...lates)} done={() => session.readers.forEach((one) => one.again())} />}
        </>
      )}
      {!may("export") && <p class="muted small">{t("clip.notAllowed")}</p>}
    </section>
  );
}

interface MakerProps {
  camera: Played;
  from: number;
  to: number;
  session: PlaySession;
  label?: string;
}

/** Has one camera's clip cut, tells how far it is, and what came of it: where it was really cut, what is missing in it. */
export function ClipMaker({ camera, from, to, session, label }: MakerProps) {
  const [step, setStep] = useState<{ done: number; total: number } | null>(null);
  const [clip, setClip] = useState<Clip | null>(null);
  const [failed, setFailed] = useState("");
  const stop = useRef<AbortController | null>(null);
  const link = useRef<HTMLAnchorElement>(null);
  useEffect(() => () => stop.current?.abort(), []);
  useEffect(() => link.current?.click(), [clip]);

  async function cut(): Promise<void> {
    const work = new AbortController();
    stop.current = work;
    setFailed("");
    setStep({ done: 0, total: 1 });
    try {
      setClip(await makeClip({ camera: camera.id, from, to, stream: session.stream }, (done, total) => setStep({ done, total }), work.signal));
    } catch (err) {
      if (!work.signal.aborted) setFailed(problemText(settle(err)));
    }
    setStep(null);
  }

  if (step)
    return (
      <Progress
        label={t("clip.cutting", { name: camera.name })}
        value={step.done}
        max={step.total}
        detail={`${step.done} / ${step.total}`}
        onCancel={() => stop.current?.abort()}
      />
    );
  if (clip) return <Taken clip={clip} camera={camera} link={link} />;
  return (
    <>
      <button type="button" onClick={() => void cut()}>
        <Icon name="export" /> {label ?? t("clip.make", { name: camera.name })}
      </button>
      {failed && (
        <p class="error" role="alert">
          {failed}
        </p>
      )}
    </>
  );
}

interface TakenProps {
  clip: Clip;
  camera: Played;
  link: { current: HTMLAnchorElement | null };
}

function Taken({ clip, camera, link }: TakenProps) {
  const missing = clip.gaps.reduce((sum, one) => sum + Date.parse(one.to) - Date.parse(one.from), 0);
  return (
    <div class="clip-taken" role="status">
      <p>
        <a ref={link} class="button" href={clip.url} download={clip.name}>
          <Icon name="export" /> {t("clip.again", { name: camera.name })}
        </a>{" "}
        <span class="muted">{megabytes(clip.bytes)}</span>
      </p>
      <p class="small">
        {t("clip.true", { from: stamp(clip.from), to: stamp(clip.to).slice(11) })}
        {clip.gaps.length > 0 && (
          <strong class="bad-word">
            {" "}
            {t("clip.missing", { span: span(missing), why: listed(new Set(clip.gaps.map((one) => (word("gap", one.cause ?? "none"))))) })}
          </strong>
        )}
        {clip.damaged > 0 && <strong class="bad-word"> {t("clip.damaged", { n: clip.damaged })}</strong>}
      </p>
      <p class="small muted clip-digest">
        {t("clip.digest")} <code>{clip.digest}</code>
      </p>
    </div>
  );
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;
