import type { ComponentType } from "preact";
import type { HubEvent } from "../../api/types";
import { t } from "../../i18n";
import { may } from "../../store/session";
import { Lazy } from "../../ui/lazy";
import { Segments } from "../../ui/tabs";

export type Seen = "picture" | "footage";

/** The player is fetched when footage is first wanted. */
const load = async (): Promise<ComponentType<{ event: HubEvent }>> => (await import("../playback/around")).EventFootage;

export const Footage = ({ event }: { event: HubEvent }) => <Lazy key={event.id} load={load} props={{ event }} />;

/** Whether one sees the event's picture or what was recorded of it. */
export function SeenChoice({ seen, onChange }: { seen: Seen; onChange: (seen: Seen) => void }) {
  if (!may("see_recordings")) return null;
  return (
    <Segments<Seen>
      label={t("detail.seen")}
      value={seen}
      options={[
        { value: "picture", label: t("detail.picture") },
        { value: "footage", label: t("detail.footage") },
      ]}
      onChange={onChange}
    />
  );
}
