import { useLayoutEffect, useRef } from "preact/hooks";
import { hubNow } from "../../api/hubclock";
import type { Camera } from "../../api/types";
import { problemText, t, word } from "../../i18n";
import { Problem } from "../../api/client";
import { type Footage, stateAt } from "../../store/footage";
import { DAY } from "../../ui/timeline/scale";
import type { Track, TrackState } from "../../ui/player/track";

export type Played = Pick<Camera, "id" | "name" | "village_name">;

interface Props {
  camera: Played;
  track: Track;
  footage: Footage | null;
  /** The clock's moment, in whole seconds, for what is said of it. */
  second: number;
}

/** One camera's picture with what is said over it: its name, both clocks' difference, and why there is none. */
export function Tile({ camera, track, footage, second }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const state = track.state.value;
  useLayoutEffect(() => {
    box.current!.prepend(track.video, track.image);
  }, [track]);
  const [title, hint] = wordsOf(state, footage, second);
  const seen = state.shows === "video" || state.shows === "picture";
  return (
    <div
      ref={box}
      class="play-tile"
      role="group"
      aria-label={t("play.of", { name: `${camera.village_name} ${camera.name}` })}
      data-shows={state.shows}
      data-camera={camera.id}
    >
      {!seen && (
        <div class={`play-veil play-veil-${state.shows}`} role="status">
          <strong>{title}</strong>
          {hint && <span>{hint}</span>}
        </div>
      )}
      <div class="play-head">
        <span class="play-tag play-name">
          <bdi>{camera.name}</bdi> <small>{camera.village_name}</small>
        </span>
        {state.shows === "picture" && <span class="play-tag play-preview">{t("play.preview")}</span>}
        {seen && state.why && <span class="play-tag play-preview">{word("damage", state.why)}</span>}
      </div>
    </div>
  );
}

function wordsOf({ shows, why }: TrackState, footage: Footage | null, at: number): [string, string] {
  switch (shows) {
    case "video":
    case "picture":
      return ["", ""];
    case "loading":
      return [t("play.loading"), ""];
    case "damaged":
      return [word("damage", why ?? ""), t("play.damaged.hint")];
    case "refused":
      return [t("play.refused"), problemText(new Problem(403, why ?? "", why ?? ""))];
    case "none":
      return missing(footage, at);
  }
}

/** What is not recorded is never left to look like nothing happened. */
export function missing(footage: Footage | null, at: number): [string, string] {
  if (footage === null) return [t("play.none"), ""];
  const { sort, cause } = stateAt(footage, at);
  if (sort === "gap") return [t("play.gap"), t("play.gap.hint", { cause: word("gap", cause ?? "") })];
  if (footage.mode === "on_event") return [t("play.none"), t("play.none.onEvent")];
  if (footage.mode === "none") return [t("play.none"), t("play.none.mode")];
  if (at < hubNow() - footage.days * DAY) return [t("play.none"), t("play.none.kept", { n: footage.days })];
  return [t("play.none"), t("play.none.hint")];
}
