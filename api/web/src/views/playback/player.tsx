import { useEffect, useRef } from "preact/hooks";
import { t } from "../../i18n";
import type { PlaySession } from "../../store/playsession";
import { Stale } from "../../ui/notice";
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
  keys: Keys;
  /** Plays at once. */
  start?: boolean;
}

/** Pictures, controls, timeline, what is marked, and the gaps as a table. */
export function Playing({ session, cameras, keys, start = false }: Props) {
  const full = useRef<() => void>(() => {});
  useEffect(() => {
    if (start) session.player.play();
  }, [session]);
  const trouble = session.readers.map((one) => one.problem.value).find((one) => one !== null);
  return (
    <div class="playing" aria-label={t("nav.playback")}>
      {trouble && <Stale problem={trouble} />}
      <Stage
        session={session}
        cameras={cameras}
        onFull={(toggle) => {
          full.current = toggle;
        }}
      />
      <Controls session={session} cameras={cameras} keys={keys} onFull={() => full.current()} />
      <Lanes session={session} cameras={cameras} />
      {keys !== "among" && <Marked session={session} cameras={cameras} />}
      {keys === "view" && <GapTable session={session} cameras={cameras} />}
    </div>
  );
}
