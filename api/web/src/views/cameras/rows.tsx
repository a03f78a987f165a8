import { Component } from "preact";
import type { Camera } from "../../api/types";
import { span, t, word } from "../../i18n";
import { stamp } from "../../i18n/time";
import type { BranchRow, StateRow } from "../../store/camerarows";
import { toneOf } from "../../store/cameras";
import { href } from "../../store/route";
import { may } from "../../store/session";
import { Icon } from "../../ui/icon";
import { codecName } from "./codec";
import { whyOf } from "./why";

interface HeadProps<T> {
  row: T;
  index: number;
  toggle: () => void;
}

/** A township, village or hamlet with how many cameras it has and how many are up. */
export function BranchHead({ row, index, toggle }: HeadProps<BranchRow>) {
  return (
    <div class={`branch branch-${row.sort}`} role="row" aria-rowindex={index}>
      <span role="cell">
        <button type="button" class={`branch-button depth-${row.depth}`} aria-expanded={row.open} onClick={toggle}>
          <Icon name={row.open ? "down" : "right"} />
          <span class="branch-name">{row.name}</span>
          <span class="muted branch-count">{t("village.live", { live: row.live, all: row.all })}</span>
          {row.bad > 0 && <span class="tag tag-bad">{t("village.bad", { n: row.bad })}</span>}
        </button>
      </span>
    </div>
  );
}

/** One state and its reason, in words, with what to do about it. */
export function StateHead({ row, index, toggle }: HeadProps<StateRow>) {
  return (
    <div class="branch branch-state" role="row" aria-rowindex={index}>
      <span role="cell">
        <button type="button" class="branch-button" aria-expanded={row.open} onClick={toggle}>
          <Icon name={row.open ? "down" : "right"} />
          <i class={`dot dot-${row.tone}`} />
          <span class="branch-name">
            {word("state", row.state)}
            {row.reason !== null && ` · ${word("reason", row.reason)}`}
            {row.picture !== null && ` · ${word("picture", row.picture)}`}
          </span>
          <span class="count-of">{row.all}</span>
          {row.reason !== null && <span class="muted branch-advice">{word("advice", row.reason)}</span>}
          {row.picture !== null && <span class="muted branch-advice">{word("pictureAdvice", row.picture)}</span>}
        </button>
      </span>
    </div>
  );
}

interface LineProps {
  camera: Camera;
  depth: number;
  index: number;
  language: string;
  minute: number;
  play: (camera: Camera) => void;
}

/** One camera. Drawn again only when it changed, the language did, or its "for 5 min" is due. */
export class CameraLine extends Component<LineProps> {
  override shouldComponentUpdate(next: LineProps): boolean {
    return (["camera", "language", "minute", "depth", "index"] as const).some((name) => next[name] !== this.props[name]);
  }

  override render({ camera, depth, index, play }: LineProps) {
    const { status } = camera;
    const wrong = whyOf(status);
    const since = wrong?.since ?? status.since;
    return (
      <div class="camera-row" role="row" aria-rowindex={index}>
        <span role="cell" class={`camera-name depth-${depth}`}>
          <a href={href("cameras", undefined, camera.id)} title={camera.name}>
            <bdi>{camera.name}</bdi>
          </a>
          <span class="tag">{word("kind", camera.kind)}</span>
          {camera.warnings.length > 0 && (
            <span class="tag tag-wait" title={camera.warnings.map((one) => word("warning", one)).join("\n")}>
              {t("camera.warned")}
            </span>
          )}
        </span>
        <span role="cell" class="camera-state">
          <i class={`dot dot-${toneOf(status)}`} /> {word("state", status.state)}
        </span>
        <span role="cell" class="camera-why" title={wrong ? [wrong.why, wrong.advice, status.detail].filter(Boolean).join("\n") : undefined}>
          {wrong && (
            <>
              {wrong.why} <span class="muted">{wrong.advice}</span>
            </>
          )}
        </span>
        <span role="cell" class="time camera-since" title={stamp(since)}>
          {span(Date.now() - Date.parse(since))}
        </span>
        <span role="cell" class="camera-picture">
          {status.codec && (
            <>
              {codecName(status.codec)} {status.width}×{status.height}
              {status.fps !== null && <span class="muted"> {Math.round(status.fps * 10) / 10} fps</span>}
            </>
          )}
        </span>
        <span role="cell" class="camera-actions">
          {may("watch_live") && camera.kind !== "wifi_probe" && (
            <button
              type="button"
              class="quiet icon-button"
              aria-label={t("camera.play", { name: camera.name })}
              title={t("camera.play.short")}
              onClick={() => play(camera)}
            >
              <Icon name="play" />
            </button>
          )}
          {may("see_events") && (
            <a
              class="button quiet icon-button"
              href={href("events", new URLSearchParams({ camera: camera.id }))}
              aria-label={t("camera.events")}
              title={t("camera.events")}
            >
              <Icon name="events" />
            </a>
          )}
        </span>
      </div>
    );
  }
}
