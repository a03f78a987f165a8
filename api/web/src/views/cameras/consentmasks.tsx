import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { getScene, type Point, type Scene } from "../../api/register";
import { problemText, t } from "../../i18n";
import { outlineFault } from "../../store/outline";
import { type Chosen, MOST_OF_EACH, withoutShape, withPoints, withShape } from "../../store/scenedraft";
import { purpose, settle } from "../../store/session";
import { Icon } from "../../ui/icon";
import { toast } from "../../ui/toast";
import "../../styles/scene.css";
import { usePicture } from "./picture";
import { Canvas } from "./scene/canvas";

interface Props {
  masks: Point[][];
  camera?: string;
  change: (masks: Point[][]) => void;
}

/** The parts of the picture an owner wants hidden: drawn where they are, over the camera's picture where there is one. */
export function ConsentMasks({ masks, camera, change }: Props) {
  const [open, setOpen] = useState(false);
  return (
    <fieldset class="plain">
      <legend>{t("consent.masks.title")}</legend>
      <p class="muted small">{t("consent.masks.means")}</p>
      {!open && (
        <p class="row">
          <span class="muted">{masks.length > 0 ? t("consent.masks", { n: masks.length }) : t("consent.masks.none")}</span>
          <button type="button" class="small-button" onClick={() => setOpen(true)}>
            {t("consent.masks.draw")}
          </button>
        </p>
      )}
      {open && (camera ? <OverPicture masks={masks} camera={camera} change={change} /> : <Drawing masks={masks} change={change} picture={null} unseen={t("consent.masks.blank")} />)}
    </fieldset>
  );
}

/** Looking at the picture is a look: it comes under the purpose one has, and not without one. */
function OverPicture({ masks, camera, change }: { masks: Point[][]; camera: string; change: (masks: Point[][]) => void }) {
  const shown = usePicture(camera);
  const picture = purpose.value === null ? null : (shown.picture?.url ?? null);
  async function copy(): Promise<void> {
    try {
      change((await getScene(camera)).scene.masks);
    } catch (err) {
      toast(problemText(settle(err)), { tone: "bad" });
    }
  }
  return (
    <Drawing masks={masks} change={change} picture={picture} unseen={t(purpose.value === null ? "consent.masks.purpose" : "consent.masks.blank")}>
      <button type="button" onClick={() => void copy()}>
        {t("consent.masks.scene")}
      </button>
    </Drawing>
  );
}

interface DrawingProps {
  masks: Point[][];
  change: (masks: Point[][]) => void;
  picture: string | null;
  /** Why there is no picture. */
  unseen: string;
  children?: ComponentChildren;
}

function Drawing({ masks, change, picture, unseen, children }: DrawingProps) {
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [drawing, setDrawing] = useState(false);
  const [corners, setCorners] = useState<Point[]>([]);
  const [refused, setRefused] = useState<string | null>(null);
  const scene: Scene = { masks, zones: [], lines: [], rules: [] };

  function stop(): void {
    setDrawing(false);
    setCorners([]);
    setRefused(null);
  }
  function finish(points: readonly Point[]): void {
    const wrong = outlineFault(points);
    if (wrong) return setRefused(t(`refused.${wrong}`));
    change(withShape(scene, "mask", [...points], "", ["", ""]).masks);
    setChosen({ kind: "mask", index: masks.length });
    return stop();
  }
  return (
    <div class="scene-left">
      <div class="toolbar" role="group" aria-label={t("scene.tools")}>
        <button
          type="button"
          aria-pressed={drawing}
          disabled={masks.length >= MOST_OF_EACH}
          onClick={() => {
            stop();
            setChosen(null);
            setDrawing(!drawing);
          }}
        >
          <i class="swatch swatch-mask" /> {t("shape.draw.mask")}
        </button>
        {drawing && (
          <>
            <button type="button" class="primary" disabled={corners.length < 3} onClick={() => finish(corners)}>
              {t("scene.finish")}
            </button>
            <button type="button" onClick={stop}>
              {t("cancel")}
            </button>
          </>
        )}
        {children}
      </div>
      <Canvas
        scene={scene}
        chosen={chosen}
        choose={setChosen}
        drawing={drawing ? "mask" : null}
        corners={corners}
        setCorners={setCorners}
        finish={finish}
        cancel={stop}
        move={(points) => chosen && change(withPoints(scene, chosen, points).masks)}
        refuse={(code) => setRefused(code === null ? null : t(`refused.${code}`))}
        picture={picture}
      />
      <p id="scene-help" class="muted small">
        {refused ?? t(drawing ? "scene.help.mask" : chosen ? "scene.help.chosen" : "consent.masks.means")}
      </p>
      {picture === null && <p class="muted small">{unseen}</p>}
      <ul class="shape-chips">
        {masks.map((_, index) => (
          <li key={index}>
            <button type="button" class="quiet" aria-pressed={chosen?.index === index} onClick={() => setChosen({ kind: "mask", index })}>
              <i class="swatch swatch-mask" /> {t("shape.mask.n", { n: index + 1 })}
            </button>
            <button
              type="button"
              class="quiet icon-button"
              aria-label={t("consent.masks.remove", { n: index + 1 })}
              onClick={() => {
                setChosen(null);
                change(withoutShape(scene, { kind: "mask", index }).masks);
              }}
            >
              <Icon name="close" />
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}
