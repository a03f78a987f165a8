import type { ComponentType } from "preact";
import type { HubEvent } from "../../api/types";
import { t } from "../../i18n";
import { stamp } from "../../i18n/time";
import { may } from "../../store/session";
import { Lazy } from "../../ui/lazy";
import { Segments } from "../../ui/tabs";

export type Seen = "picture" | "still" | "footage";

/** The player is fetched when footage is first wanted. */
const load = async (): Promise<ComponentType<{ event: HubEvent }>> => (await import("../playback/around")).EventFootage;

export const Footage = ({ event }: { event: HubEvent }) => <Lazy key={event.id} load={load} props={{ event }} />;

/** The picture of the main stream, taken a moment after the snapshot: nothing is drawn over it. */
export const Still = ({ event, source }: { event: HubEvent; source: string }) => (
  <div class="picture">
    <a href={source} target="_blank" rel="noreferrer" title={event.still_at === null ? "" : stamp(event.still_at)}>
      <img src={source} alt={t("detail.still.alt", { camera: event.camera_name })} />
    </a>
  </div>
);

interface ChoiceProps {
  event: HubEvent;
  seen: Seen;
  onChange: (seen: Seen) => void;
}

/** Whether one sees the event's picture, the full-size one, or what was recorded of it. */
export function SeenChoice({ event, seen, onChange }: ChoiceProps) {
  const options = [
    { value: "picture" as const, label: t("detail.picture") },
    ...(event.still_url === null ? [] : [{ value: "still" as const, label: t("detail.still") }]),
    ...(may("see_recordings") ? [{ value: "footage" as const, label: t("detail.footage") }] : []),
  ];
  if (options.length === 1) return null;
  return <Segments<Seen> label={t("detail.seen")} value={seen} options={options} onChange={onChange} />;
}
