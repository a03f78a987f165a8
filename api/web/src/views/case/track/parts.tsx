import { useState } from "preact/hooks";
import { pictureOf } from "../../../api/client";
import type { Passer, Decision, Way } from "../../../api/pursuit";
import { WAYS } from "../../../api/pursuit";
import { type Case, GROUPS, type LabelGroup } from "../../../api/types";
import { span, t, word } from "../../../i18n";
import { stamp } from "../../../i18n/time";

export interface Shared {
  of: Case;
  groups: readonly LabelGroup[];
  setGroups: (groups: readonly LabelGroup[]) => void;
  way: Way;
  setWay: (way: Way) => void;
}

/** Which sorts of passer may be it; none chosen: any. */
export function GroupChips({ groups, setGroups }: Pick<Shared, "groups" | "setGroups">) {
  const turn = (one: LabelGroup): void => setGroups(groups.includes(one) ? groups.filter((other) => other !== one) : [...groups, one]);
  return (
    <div class="chips" role="group" aria-label={t("track.groups")}>
      {GROUPS.map((one) => (
        <button type="button" class="chip" key={one} aria-pressed={groups.includes(one)} onClick={() => turn(one)}>
          {word("group", one)}
        </button>
      ))}
    </div>
  );
}

export function WayPick({ way, setWay }: Pick<Shared, "way" | "setWay">) {
  return (
    <label class="track-pick">
      {t("track.way")}
      <select value={way} onChange={(event) => setWay(event.currentTarget.value as Way)}>
        {WAYS.map((one) => (
          <option key={one} value={one}>
            {word("mode", one)}
          </option>
        ))}
      </select>
    </label>
  );
}

export const TONES: Record<Decision, string> = { open: "", keep: "tag-ok", drop: "", star: "tag-wait" };

export const calledOf = (one: { thing: string; label: string }): string => (one.thing.startsWith("motion:") ? t("track.motionOnly") : word("label", one.label));

/** What a passer is and how long he stayed, in one line for who does not see the picture. */
export const spoken = (one: Passer): string =>
  [
    calledOf(one),
    stamp(one.at),
    one.direction ? (one.direction === one.way ? t(`track.${one.way}`) : one.direction) : "",
    t("track.stay", { for: span(one.stay_s * 1000) }),
    one.decision === "open" ? "" : word("decision", one.decision),
  ]
    .filter(Boolean)
    .join(" · ");

/**
 * Its picture; where the list's ticket has run out, by a look of its own. `small` is a copy that was asked for with many
 * others, null while it comes.
 */
export function Thumb({ one, large = false, small }: { one: Passer; large?: boolean; small?: string | null | undefined }) {
  const [failures, setFailures] = useState(0);
  const [of, setOf] = useState(one.snapshot_url);
  if (of !== one.snapshot_url) {
    setOf(one.snapshot_url);
    setFailures(0);
  }
  const own = failures === 0 ? one.snapshot_url : failures === 1 && one.event_id ? pictureOf(one.event_id) : null;
  if (one.snapshot_url && small === null) return <span class="track-picture" />;
  const source = small ?? own;
  return (
    <span class={large ? "track-picture track-picture-large" : "track-picture"}>
      {one.snapshot_url && source ? (
        <img src={source} alt="" loading={large ? "eager" : "lazy"} decoding="async" onError={() => setFailures(failures + 1)} />
      ) : (
        <span class="muted small">{one.event_id === null ? t("track.motionOnly") : t(one.snapshot_url ? "picture.gone" : "picture.none")}</span>
      )}
    </span>
  );
}

export function Direction({ one }: { one: Passer }) {
  if (!one.direction) return null;
  const said = one.direction === one.way ? t(`track.${one.way}`) : one.direction;
  return <span class="tag">{`${one.way === "in" ? "↘" : one.way === "out" ? "↗" : ""} ${said}`}</span>;
}
