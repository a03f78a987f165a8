import { useState } from "preact/hooks";
import { hubNow } from "../../api/hubclock";
import type { HubEvent } from "../../api/types";
import { t } from "../../i18n";
import { usePlaySession } from "../../store/playsession";
import { href } from "../../store/route";
import { may } from "../../store/session";
import { ClipMaker } from "./clip";
import { Playing } from "./player";
import "../../styles/playback.css";

/** What is shown before an event began and after it ended, and taken with its clip. */
const SHOWN_MS = 10_000;
const TAKEN_MS = 30_000;

/** An event's own footage, played where its picture stands. */
export function EventFootage({ event }: { event: HubEvent }) {
  const started = Date.parse(event.started_at);
  const [ended] = useState(Math.min(hubNow(), Date.parse(event.ended_at ?? event.updated_at)));
  const [cameras] = useState([{ id: event.camera_id, name: event.camera_name, village_name: event.village_name }]);
  const session = usePlaySession([event.camera_id], "sub", started - SHOWN_MS, { from: started - SHOWN_MS, to: ended + SHOWN_MS });
  return (
    <div class="event-footage">
      <Playing session={session} cameras={cameras} keys="among" start />
      <div class="row">
        {may("export") && (
          <ClipMaker camera={cameras[0]!} from={started - TAKEN_MS} to={Math.min(hubNow(), ended + TAKEN_MS)} session={session} label={t("clip.event")} />
        )}
        <span class="grow" />
        <a class="button quiet" href={href("playback", new URLSearchParams({ cameras: event.camera_id, at: event.started_at }))}>
          {t("play.whole")}
        </a>
      </div>
    </div>
  );
}
