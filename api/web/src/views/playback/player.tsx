import { useEffect, useRef } from "preact/hooks";
import { t } from "../../i18n";
import type { Given } from "../../store/given";
import type { PlaySession } from "../../store/playsession";
import { Stale } from "../../ui/notice";
import { rowsOf } from "../../ui/timeline/painter";
import { CaseBookmarks } from "./bookmarking";
import { Marked } from "./clip";
import { Controls, type Keys } from "./controls";
import { GapTable } from "./gaps";
import { Lanes } from "./lanes";
import { Stage } from "./stage";
import type { Played } from "./tile";
import "../../styles/playback.css";

interface Props {
  session: PlaySession;
  cameras: readonly Played[];
  /** Cameras that have a lane and no picture. */
  beside?: readonly Played[];
  onPlay?: ((ids: string[]) => void) | undefined;
  /** What people sent in for the case. */
  given?: Given | undefined;
  keys: Keys;
  /** Plays at once. */
  start?: boolean;
}

/** Pictures, controls, timeline, what is marked, and the gaps as a table. */
export function Playing({ session, cameras, beside = [], onPlay, given, keys, start = false }: Props) {
  const full = useRef<() => void>(() => {});
  useEffect(() => {
    if (start) session.player.play();
  }, [session]);
  const lanes = cameras.length + beside.length + (given?.lanes.length ?? 0);
  const trouble = session.readers.map((one) => one.problem.value).find((one) => one !== null);
  return (
    <div class="playing" aria-label={t("nav.playback")} style={{ "--lanes": `${lanes * rowsOf(lanes).lane}px` }}>
      {trouble && <Stale problem={trouble} />}
      <Stage
        session={session}
        cameras={cameras}
        onFull={(toggle) => {
          full.current = toggle;
        }}
      />
      <Controls session={session} cameras={cameras} keys={keys} onFull={() => full.current()} />
      <Lanes session={session} cameras={[...cameras, ...beside]} onPlay={onPlay} given={given} />
      {keys !== "among" && <Marked session={session} cameras={cameras} />}
      {keys === "view" && <CaseBookmarks session={session} cameras={cameras} />}
      {keys === "view" && <GapTable session={session} cameras={[...cameras, ...beside]} />}
    </div>
  );
}
