import { useState } from "preact/hooks";
import { pictureOf } from "../../api/client";
import type { SceneThen } from "../../api/events";
import type { HubEvent } from "../../api/types";
import { t, word } from "../../i18n";

interface Props {
  event: HubEvent;
  /** The detail view draws the path and loads at once; the grid draws the box alone and loads what is in sight. */
  large?: boolean;
  marks?: boolean;
  /** The camera's scene of that time: the rule's zone or line is drawn. */
  scene?: SceneThen | null;
}

/**
 * The snapshot with its box. The overlay takes the picture's own pixel size as its viewBox and fits like the picture
 * does, so that shares of the picture land where they belong whatever the shape of the frame around it.
 */
export function Picture({ event, large = false, marks = true, scene = null }: Props) {
  const [size, setSize] = useState<{ w: number; h: number } | null>(null);
  const [failures, setFailures] = useState(0);
  const [shown, setShown] = useState(event.snapshot_url);
  if (shown !== event.snapshot_url && failures > 0) setFailures(0);
  if (shown !== event.snapshot_url) setShown(event.snapshot_url);

  const source = failures === 0 ? event.snapshot_url : pictureOf(event.id);
  if (!event.has_snapshot || source === null || failures > 1) {
    return (
      <div class="picture picture-none">
        <span>{t(event.has_snapshot ? "picture.gone" : "picture.none")}</span>
      </div>
    );
  }
  return (
    <div class="picture">
      <img
        src={source}
        alt={t("picture.alt", { what: word("label", event.label), camera: event.camera_name })}
        loading={large ? "eager" : "lazy"}
        decoding="async"
        onLoad={({ currentTarget: { naturalWidth: w, naturalHeight: h } }) => setSize({ w, h })}
        onError={() => setFailures(failures + 1)}
      />
      {size && marks && <Marks event={event} w={size.w} h={size.h} path={large} scene={scene} />}
    </div>
  );
}

interface MarksProps {
  event: HubEvent;
  w: number;
  h: number;
  path: boolean;
  scene: SceneThen | null;
}

function Marks({ event, w, h, path, scene }: MarksProps) {
  const { x0, y0, x1, y1 } = event.box;
  const box = { x: x0 * w, y: y0 * h, width: (x1 - x0) * w, height: (y1 - y0) * h };
  const line = event.path.map(([x, y]) => `${x * w},${y * h}`).join(" ");
  const foot = event.path.at(-1);
  return (
    <svg class="marks" viewBox={`0 0 ${w} ${h}`} aria-hidden="true">
      {scene && <RuleShape scene={scene} rule={event.rule_id} w={w} h={h} />}
      <rect class="halo" {...box} />
      <rect class="box" {...box} />
      {path && event.path.length > 1 && (
        <>
          <polyline class="halo" points={line} />
          <polyline class="path" points={line} />
        </>
      )}
      {path && foot && <circle class="foot" cx={foot[0] * w} cy={foot[1] * h} r={w / 160} />}
    </svg>
  );
}

/** The zone or line that the event's rule asks about, with its name. */
function RuleShape({ scene, rule, w, h }: { scene: SceneThen; rule: string; w: number; h: number }) {
  const asked = scene.rules.find((one) => one.id === rule);
  const zone = scene.zones.find((one) => one.id === asked?.zone);
  const line = scene.lines.find((one) => one.id === asked?.line);
  const at = (points: readonly (readonly [number, number])[]): string => points.map(([x, y]) => `${x * w},${y * h}`).join(" ");
  const named = zone ? { name: zone.name, at: zone.points[0]! } : line ? { name: line.name, at: line.a } : null;
  return (
    <>
      {zone && <polygon class="zone" points={at(zone.points)} />}
      {line && <polyline class="zone" points={at([line.a, line.b])} />}
      {named && (
        <text class="zone-name" x={named.at[0] * w + w / 120} y={named.at[1] * h + h / 24} font-size={w / 48}>
          {named.name}
        </text>
      )}
    </>
  );
}
