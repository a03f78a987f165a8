import { useEffect, useState } from "preact/hooks";
import { hubNow } from "../../api/hubclock";
import { type Key, span, t, word } from "../../i18n";
import { stamp } from "../../i18n/time";
import { bookmarks } from "../../store/bookmarks";
import { clipAt, footageOfClips, type Given, type GivenLane } from "../../store/given";
import { type Footage, type Motion, stateAt } from "../../store/footage";
import { useMarks } from "../../store/happenings";
import { MOST_CAMERAS, type PlaySession } from "../../store/playsession";
import { Timeline } from "../../ui/timeline";
import { type Flag, type Lane, rowsOf } from "../../ui/timeline/painter";
import { centred, held, spanOf, type Zoom, ZOOMS, zoomed } from "../../ui/timeline/scale";
import { GROUPS } from "../../api/types";
import { Icon } from "../../ui/icon";
import { AskEarlier } from "./earlier";
import { GivenPlayer, type Opened, Undated } from "./given";
import type { Played } from "./tile";

interface Props {
  session: PlaySession;
  /** Those that are played first. */
  cameras: readonly Played[];
  /** Chooses which are played, where there are more lanes than pictures. */
  onPlay?: ((ids: string[]) => void) | undefined;
  /** What people sent in for the case: lanes below the cameras'. */
  given?: Given | undefined;
}

/** The timeline of all cameras: what is recorded, what is missing and why, what happened, and where one is. */
export function Lanes({ session, cameras, onPlay, given }: Props) {
  const [opened, setOpened] = useState<Opened | null>(null);
  const { player } = session;
  const view = session.view.value;
  const at = player.position.value;
  const dated = useMarks(session.all, view);
  const marks = dated?.map((some, n) => {
    const late = session.late(session.all[n]!);
    return some.map((one) => ({ ...one, at: one.at - late, to: one.to === null ? null : one.to - late }));
  });
  const footage = session.footage.value;
  const lanes: Lane[] = cameras.map((one, n) => ({
    id: one.id,
    name: one.name,
    footage: footage[n] ?? null,
    marks: marks?.[n] ?? null,
    damaged: session.windows.damaged(one.id).map((bad) => ({ from: bad.from - session.late(one.id), to: bad.to - session.late(one.id) })),
    bookmarks: flagsOf(one.id, session.late(one.id)),
  }));
  const others = given?.lanes ?? [];
  for (const one of others) {
    lanes.push({ id: one.id, name: one.name, footage: footageOfClips(one.clips), marks: [], damaged: [], bookmarks: flagsOfGiven(one) });
  }
  const open = (lane: GivenLane, moment: number): void => {
    const clip = clipAt(lane, moment);
    setOpened({ id: clip.id, ms: Math.round(Math.max(0, Math.min(moment, clip.to) - clip.from)) });
  };
  useEffect(() => {
    if (player.playing.value) session.keepInSight();
  }, [Math.floor(at / 1000)]);
  const said = cameras.map((one, n) => `${one.name}: ${saidOf(footage[n] ?? null, at)}`).join("; ");
  return (
    <div class="lanes-whole">
      <Zooms session={session} />
      <div class={lanes.length > 1 ? "lanes-beside" : ""}>
        {lanes.length > 1 && (
          <Names cameras={cameras} played={session.cameras} onPlay={onPlay} given={others} open={(one) => open(one, player.position.peek())} />
        )}
        <Timeline
          view={view}
          lanes={lanes}
          at={at}
          marked={session.marked.value}
          onView={(next) => session.show(next)}
          onSeek={(to, lane) => {
            const other = others[lane - cameras.length];
            if (other?.clips.some((one) => one.from <= to && to < one.to)) open(other, to);
            else session.seek(to);
          }}
          said={said}
          tip={(moment, lane) =>
            lane < cameras.length ? (
              <Tip session={session} camera={cameras[lane]} lane={lanes[lane]} at={moment} />
            ) : (
              <GivenTip lane={others[lane - cameras.length]} at={moment} />
            )
          }
        />
      </div>
      {given && <Undated given={given} />}
      {opened && (
        <GivenPlayer
          opened={opened}
          onClose={() => {
            setOpened(null);
            given?.again();
          }}
        />
      )}
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

/** The lanes' names; where there are more lanes than pictures, a press chooses which play. */
function Names({
  cameras,
  played,
  onPlay,
  given,
  open,
}: {
  cameras: readonly Played[];
  played: readonly string[];
  onPlay: Props["onPlay"];
  given: readonly GivenLane[];
  open: (one: GivenLane) => void;
}) {
  const height = { height: `${rowsOf(cameras.length + given.length).lane}px` };
  const toggle = (id: string): string[] => (played.includes(id) ? played.filter((one) => one !== id) : [...played, id].slice(-MOST_CAMERAS));
  return (
    <ol class="lanes-names">
      {cameras.map((one) => (
        <li key={one.id} style={height}>
          {onPlay && cameras.length > 1 ? (
            <button
              type="button"
              class="quiet lanes-name"
              aria-pressed={played.includes(one.id)}
              disabled={played.length === 1 && played[0] === one.id}
              aria-label={t(played.includes(one.id) ? "lanes.played" : "lanes.play", { name: one.name })}
              title={t(played.includes(one.id) ? "lanes.played" : "lanes.play", { name: one.name })}
              onClick={() => onPlay(toggle(one.id))}
            >
              <Icon name={played.includes(one.id) ? "play" : "add"} /> <bdi>{one.name}</bdi>
            </button>
          ) : (
            <bdi>{one.name}</bdi>
          )}
        </li>
      ))}
      {given.map((one) => (
        <li key={one.id} style={height}>
          <button
            type="button"
            class="quiet lanes-name"
            aria-label={t("lanes.given.play", { name: one.name })}
            title={t("lanes.given.play", { name: one.name })}
            onClick={() => open(one)}
          >
            <Icon name="play" /> <bdi>{one.name}</bdi>
          </button>
        </li>
      ))}
    </ol>
  );
}

const flagsOfGiven = (lane: GivenLane): Flag[] =>
  (bookmarks() ?? [])
    .filter((one) => lane.clips.some((clip) => clip.id === one.upload?.id))
    .map((one) => ({ at: Date.parse(one.at), kind: one.kind, note: one.note }));

const flagsOf = (camera: string, late: number): Flag[] =>
  (bookmarks() ?? []).filter((one) => one.camera_id === camera).map((one) => ({ at: Date.parse(one.at) - late, kind: one.kind, note: one.note }));

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

const KEYS = ["continuous", "event", "gap", "none", "hidden", "held", "damaged", "motion", "unwatched"] as const;

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
  const event = lane.marks?.find((one) => one.at - near <= at && at <= (one.to ?? one.at) + near);
  const flag = lane.bookmarks.find((one) => Math.abs(one.at - at) <= 2 * near);
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
      {footage?.motion && <span>{t(motionAt(footage.motion, at))}</span>}
      {flag && (
        <span>
          {word("bookmarkKind", flag.kind)} {stamp(flag.at).slice(11)} {flag.note}
        </span>
      )}
    </>
  );
}

function GivenTip({ lane, at }: { lane: GivenLane | undefined; at: number }) {
  if (!lane) return null;
  const there = lane.clips.some((one) => one.from <= at && at < one.to);
  return (
    <>
      <strong class="time">{stamp(at)}</strong>
      <span>{t(there ? "lanes.given.there" : "lanes.given.none", { name: lane.name })}</span>
    </>
  );
}

/** What is known of motion at a moment. */
function motionAt(motion: Motion, at: number): Key {
  const n = Math.floor((at - motion.from) / motion.step);
  if (!(motion.watched[n]! > 0)) return "lanes.motion.unwatched";
  return motion.moved[n]! > 0 ? "lanes.motion.some" : "lanes.motion.none";
}

/** The pointer rests this long before a picture is asked for: each is looked up under the purpose. */
const REST_MS = 250;
const WIDTH = 160;

function Thumbnail({ session, camera, at }: { session: PlaySession; camera: string; at: number }) {
  const [source, setSource] = useState("");
  // To the second, so that a trembling hand asks once.
  const second = Math.floor((at + session.late(camera)) / 1000) * 1000;
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
