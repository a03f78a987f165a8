import { useEffect, useState } from "preact/hooks";
import { hubNow } from "../../api/hubclock";
import { span, t, word } from "../../i18n";
import { stamp } from "../../i18n/time";
import { type Footage, stateAt } from "../../store/footage";
import { useHappenings } from "../../store/happenings";
import { MOST_CAMERAS, type PlaySession } from "../../store/playsession";
import { Timeline } from "../../ui/timeline";
import type { Lane } from "../../ui/timeline/painter";
import { centred, held, spanOf, type Zoom, ZOOMS, zoomed } from "../../ui/timeline/scale";
import { GROUPS } from "../../api/types";
import { Icon } from "../../ui/icon";
import { AskEarlier } from "./earlier";
import type { Played } from "./tile";

interface Props {
  session: PlaySession;
  cameras: readonly Played[];
}

/** The timeline of all cameras: what is recorded, what is missing and why, what happened, and where one is. */
export function Lanes({ session, cameras }: Props) {
  const { player } = session;
  const view = session.view.value;
  const at = player.position.value;
  const found = useHappenings(session.cameras, view);
  const footage = session.footage.value;
  const lanes: Lane[] = cameras.map((one, n) => ({
    id: one.id,
    name: one.name,
    footage: footage[n] ?? null,
    happened: found?.[n] ?? null,
    damaged: session.windows.damaged(one.id),
  }));
  useEffect(() => {
    if (player.playing.value) session.keepInSight();
  }, [Math.floor(at / 1000)]);
  const said = cameras.map((one, n) => `${one.name}: ${saidOf(footage[n] ?? null, at)}`).join("; ");
  return (
    <div class="lanes-whole">
      <Zooms session={session} />
      <div class={cameras.length > 1 ? "lanes-beside" : ""}>
        {cameras.length > 1 && (
          <ol class="lanes-names">
            {cameras.slice(0, MOST_CAMERAS).map((one) => (
              <li key={one.id}>
                <bdi>{one.name}</bdi>
              </li>
            ))}
          </ol>
        )}
        <Timeline
          view={view}
          lanes={lanes}
          at={at}
          marked={session.marked.value}
          onView={(next) => session.show(next)}
          onSeek={(to) => session.seek(to)}
          said={said}
          tip={(moment, lane) => <Tip session={session} camera={cameras[lane]} lane={lanes[lane]} at={moment} />}
        />
      </div>
      {cameras.map((one, n) => {
        const hidden = footage[n]?.hidden ?? null;
        return hidden !== null && hidden > view.from ? (
          <p key={one.id} class="hint">
            {t("lanes.hidden.before", { name: one.name, at: stamp(hidden) })} <AskEarlier camera={one} from={view.from} to={Math.min(view.to, hidden)} />
          </p>
        ) : null;
      })}
      <Legend />
    </div>
  );
}

export function saidOf(footage: Footage | null, at: number): string {
  if (footage === null) return t("loading");
  const { sort, cause } = stateAt(footage, at);
  return cause === null ? t(`lanes.${sort}`) : `${t("lanes.gap")} (${word("gap", cause)})`;
}

function Zooms({ session }: { session: PlaySession }) {
  const view = session.view.value;
  const length = spanOf(view);
  const { player } = session;
  const to = (ms: number): void => session.show(held(centred(view, player.position.peek(), ms), hubNow()));
  const by = (factor: number): void => session.show(held(zoomed(view, factor, player.position.peek()), hubNow()));
  return (
    <div class="lanes-zooms" role="group" aria-label={t("lanes.zoom")}>
      <button type="button" class="quiet icon-button" aria-label={t("lanes.farther")} title={t("lanes.farther")} onClick={() => by(2)}>
        <Icon name="farther" />
      </button>
      <button type="button" class="quiet icon-button" aria-label={t("lanes.nearer")} title={t("lanes.nearer")} onClick={() => by(0.5)}>
        <Icon name="add" />
      </button>
      {(Object.keys(ZOOMS) as Zoom[]).map((one) => (
        <button
          key={one}
          type="button"
          class="quiet small-button"
          aria-pressed={Math.abs(Math.log(length / ZOOMS[one])) < 0.1}
          onClick={() => to(ZOOMS[one])}
        >
          {t(`lanes.zoom.${one}`)}
        </button>
      ))}
      <span class="grow" />
      <span class="muted small time lanes-span">
        {stamp(view.from).slice(0, 16)} – {stamp(view.to).slice(0, 16)}
      </span>
    </div>
  );
}

const KEYS = ["continuous", "event", "gap", "none", "hidden", "held", "damaged"] as const;

const Legend = () => (
  <ul class="lanes-legend muted small" aria-label={t("lanes.legend")}>
    {KEYS.map((one) => (
      <li key={one}>
        <i class={`lanes-key lanes-key-${one}`} /> {t(`lanes.key.${one}`)}
      </li>
    ))}
    {GROUPS.map((one) => (
      <li key={one}>
        <i class={`lanes-key lanes-key-${one}`} /> {word("group", one)}
      </li>
    ))}
  </ul>
);

interface TipProps {
  session: PlaySession;
  camera: Played | undefined;
  lane: Lane | undefined;
  at: number;
}

/** What is at the pointer: when, whether it is recorded, why not, what happened, and a small picture. */
function Tip({ session, camera, lane, at }: TipProps) {
  if (!camera || !lane) return null;
  const { footage } = lane;
  const gap = footage?.gaps.find((one) => one.from <= at && at < one.to);
  const near = (3 * spanOf(session.view.peek())) / 400;
  const event = lane.happened?.marks.find((one) => one.at - near <= at && at <= (one.to ?? one.at) + near);
  const recorded = footage !== null && stateAt(footage, at).sort === "recorded";
  return (
    <>
      {recorded && <Thumbnail session={session} camera={camera.id} at={at} />}
      <strong class="time">{stamp(at)}</strong>
      <span>{gap ? t("lanes.gap.tip", { cause: word("gap", gap.cause), span: span(gap.to - gap.from) }) : saidOf(footage, at)}</span>
      {event && (
        <span>
          {word("label", event.label)} {stamp(event.at).slice(11)}
        </span>
      )}
    </>
  );
}

/** The pointer rests this long before a picture is asked for: each is looked up under the purpose. */
const REST_MS = 250;
const WIDTH = 160;

function Thumbnail({ session, camera, at }: { session: PlaySession; camera: string; at: number }) {
  const [source, setSource] = useState("");
  // To the second, so that a trembling hand asks once.
  const second = Math.floor(at / 1000) * 1000;
  useEffect(() => {
    let gone = false;
    const timer = setTimeout(() => {
      void session.windows.find(camera, second).then((piece) => {
        if (!gone) setSource(piece ? `${piece.picture_url}&at=${second}&width=${WIDTH}` : "");
      });
    }, REST_MS);
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [session, camera, second]);
  return source === "" ? <span class="lanes-thumb" /> : <img class="lanes-thumb" src={source} alt="" onError={() => setSource("")} />;
}
