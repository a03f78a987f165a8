import { useEffect, useState } from "preact/hooks";
import type { Problem } from "../../../api/client";
import { getCamera, getScene, type Point, putScene, type Scene, type SceneAt } from "../../../api/register";
import type { Camera } from "../../../api/types";
import { problemText, t } from "../../../i18n";
import { stamp } from "../../../i18n/time";
import { outlineFault } from "../../../store/outline";
import { dropDraft, readDraft, writeDraft } from "../../../store/drafts";
import { href, route } from "../../../store/route";
import { amend, begin, type Chosen, MOST_OF_EACH, redo, rulesOf, sceneFault, type ShapeKind, step, type Steps, undo, withoutShape, withPoints, withShape } from "../../../store/scenedraft";
import { may, purpose, settle } from "../../../store/session";
import { Icon } from "../../../ui/icon";
import { useKeys } from "../../../ui/keys";
import { Failed } from "../../../ui/notice";
import { toast } from "../../../ui/toast";
import "../../../styles/scene.css";
import { PictureBox, type Shown, usePicture } from "../picture";
import { Canvas } from "./canvas";
import { Rules } from "./rules";
import { Shapes } from "./shapes";
import { Unmask } from "./unmask";

/** What is looked for in one camera's picture. */
export function ScenePage() {
  const id = route.value.path[0] ?? "";
  const [camera, setCamera] = useState<Camera | null>(null);
  const [found, setFound] = useState<SceneAt | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [round, setRound] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    Promise.all([getCamera(id, stop.signal), getScene(id, stop.signal)]).then(
      ([one, scene]) => {
        setCamera(one);
        setFound(scene);
        setProblem(null);
      },
      (err) => !stop.signal.aborted && setProblem(settle(err)),
    );
    return () => stop.abort();
  }, [id, round]);
  if (problem) return <Failed problem={problem} retry={() => setRound(round + 1)} />;
  if (!camera || !found) return <div class="waiting bone bone-row" role="status" aria-label={t("loading")} />;
  const reload = (): void => {
    setFound(null);
    setRound(round + 1);
  };
  return <Editor key={id} camera={camera} found={found} reload={reload} />;
}

interface Draft {
  revision: number;
  scene: Scene;
}

interface EditorProps {
  camera: Camera;
  found: SceneAt;
  reload: () => void;
}

function Editor({ camera, found, reload }: EditorProps) {
  const key = `scene/${camera.id}`;
  const kept = readDraft<Draft>(key);
  const [base, setBase] = useState(found);
  const [revision, setRevision] = useState(kept?.revision ?? found.revision);
  const [steps, setSteps] = useState<Steps>(() => begin(kept?.scene ?? found.scene));
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const [drawing, setDrawing] = useState<ShapeKind | null>(null);
  const [corners, setCorners] = useState<Point[]>([]);
  const [refused, setRefused] = useState<string | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [stale, setStale] = useState<SceneAt | null>(null);
  const [baring, setBaring] = useState(false);
  const [busy, setBusy] = useState(false);
  const shown = usePicture(camera.id);
  const locked = !may("register");
  const scene = steps.now;
  const dirty = JSON.stringify(scene) !== JSON.stringify(base.scene);
  const wrong = sceneFault(scene);

  function hold(next: Steps): void {
    setSteps(next);
    writeDraft(key, { revision, scene: next.now } satisfies Draft);
  }
  const change = (next: Scene): void => hold(step(steps, next));
  function stopDrawing(): void {
    setDrawing(null);
    setCorners([]);
    setRefused(null);
  }
  function finish(points: readonly Point[]): void {
    if (drawing === null) return;
    const count = { zone: scene.zones.length, line: scene.lines.length, mask: scene.masks.length }[drawing];
    change(withShape(scene, drawing, [...points], t(`shape.new.${drawing}`, { n: count + 1 }), [t("shape.way.in"), t("shape.way.out")]));
    setChosen({ kind: drawing, index: count });
    stopDrawing();
  }
  function closeOutline(): void {
    const found = outlineFault(corners);
    if (found) setRefused(t(`refused.${found}`));
    else finish(corners);
  }
  function remove(one: Chosen): void {
    const used = rulesOf(scene, one).length;
    change(withoutShape(scene, one));
    setChosen(null);
    if (used > 0) toast(t("shape.removed.rules", { n: used }), { undo: () => setSteps((was) => undo(was)) });
  }
  useKeys(t("scene.title"), [
    { keys: ["z"], label: t("scene.undo"), run: () => hold(undo(steps)) },
    { keys: ["y"], label: t("scene.redo"), run: () => hold(redo(steps)) },
    { keys: ["delete"], label: t("shape.remove"), run: () => chosen && !locked && remove(chosen) },
  ]);

  async function save(over: number, approval?: string): Promise<void> {
    setBusy(true);
    setProblem(null);
    try {
      const made = await putScene(camera.id, scene, over, approval);
      setBaring(false);
      setBase(made);
      setRevision(made.revision);
      setSteps((was) => {
        if (was.now === scene) {
          dropDraft(key);
          return begin(made.scene);
        }
        // Drawn on while it was saved.
        writeDraft(key, { revision: made.revision, scene: was.now } satisfies Draft);
        return was;
      });
      setStale(null);
      toast(t("scene.saved", { n: made.revision }), { tone: "ok" });
    } catch (err) {
      const told = settle(err);
      if (told.code === "scene_stale") await askWhose();
      else if (told.code === "unmask_needs_approval") {
        // Over what somebody else saved it is over that one's masks.
        if (stale) setBase(stale);
        setRevision(over);
        setBaring(true);
      }
      else setProblem(told);
    }
    setBusy(false);
  }
  async function askWhose(): Promise<void> {
    try {
      setStale(await getScene(camera.id));
    } catch (err) {
      setProblem(settle(err));
    }
  }

  return (
    <section class="scene" aria-label={t("scene.title")}>
      <div class="row">
        <a class="button quiet icon-button" href={href("cameras", undefined, camera.id)} aria-label={t("scene.back")} title={t("scene.back")}>
          <Icon name="left" />
        </a>
        <h1>
          <bdi>{camera.name}</bdi> · {t("scene.title")}
        </h1>
        <span class="muted small">{base.revision === 0 ? t("scene.default") : t("scene.revision", { n: base.revision, by: base.created_by, at: stamp(base.created_at) })}</span>
      </div>
      {stale && (
        <div class="hint clash" role="alert">
          <strong>{t("scene.stale", { by: stale.created_by, at: stamp(stale.created_at) })}</strong>
          <div class="row">
            <button type="button" onClick={() => void save(stale.revision)}>
              {t("scene.stale.mine")}
            </button>
            <button
              type="button"
              onClick={() => {
                dropDraft(key);
                reload();
              }}
            >
              {t("scene.stale.theirs")}
            </button>
          </div>
        </div>
      )}
      <div class="scene-whole">
        <div class="scene-left">
          {!locked && (
            <div class="toolbar" role="group" aria-label={t("scene.tools")}>
              {(["zone", "line", "mask"] as const).map((kind) => (
                <button
                  key={kind}
                  type="button"
                  aria-pressed={drawing === kind}
                  disabled={{ zone: scene.zones, line: scene.lines, mask: scene.masks }[kind].length >= MOST_OF_EACH}
                  onClick={() => {
                    stopDrawing();
                    setChosen(null);
                    if (drawing !== kind) setDrawing(kind);
                  }}
                >
                  <i class={`swatch swatch-${kind}`} /> {t(`shape.draw.${kind}`)}
                </button>
              ))}
              {drawing && drawing !== "line" && (
                <button type="button" class="primary" disabled={corners.length < 3} onClick={() => closeOutline()}>
                  {t("scene.finish")}
                </button>
              )}
              {drawing && (
                <button type="button" onClick={stopDrawing}>
                  {t("cancel")}
                </button>
              )}
              <span class="grow" />
              <button type="button" disabled={steps.past.length === 0} onClick={() => hold(undo(steps))}>
                {t("scene.undo")}
              </button>
              <button type="button" disabled={steps.future.length === 0} onClick={() => hold(redo(steps))}>
                {t("scene.redo")}
              </button>
            </div>
          )}
          <Canvas
            scene={scene}
            chosen={chosen}
            choose={setChosen}
            drawing={drawing}
            corners={corners}
            setCorners={setCorners}
            finish={finish}
            cancel={stopDrawing}
            move={(points, first) => chosen && hold((first ? step : amend)(steps, withPoints(scene, chosen, points)))}
            refuse={(code) => setRefused(code === null ? null : t(`refused.${code}`))}
            picture={shown.picture?.url ?? null}
          />
          <p class={refused ? "error" : "muted small"} id="scene-help" role="status">
            {refused ?? (drawing ? t(`scene.help.${drawing}`) : t(chosen ? "scene.help.chosen" : "scene.help"))}
          </p>
          <Background shown={shown} camera={camera} />
        </div>
        <div class="scene-right">
          <Shapes scene={scene} change={change} chosen={chosen} choose={setChosen} remove={remove} locked={locked} />
          <Rules scene={scene} change={change} locked={locked} />
        </div>
      </div>
      {baring && (
        <Unmask camera={camera} before={base.scene} after={scene} save={(approval) => void save(revision, approval)} onClose={() => setBaring(false)} />
      )}
      {!locked && (
        <div class="form-foot scene-foot">
          <button type="button" class="primary" disabled={busy || !dirty || wrong !== null} onClick={() => void save(revision)}>
            {t(busy ? "edit.saving" : "edit.save")}
          </button>
          <button
            type="button"
            disabled={!dirty}
            onClick={() => {
              dropDraft(key);
              reload();
            }}
          >
            {t("edit.undo")}
          </button>
          <span class={problem || wrong ? "error" : "muted small"} role="status">
            {problem ? problemText(problem) : wrong ? t(`scene.wrong.${wrong.code}`, { rule: wrong.rule ?? "" }) : dirty ? t("scene.dirty") : ""}
          </span>
        </div>
      )}
    </section>
  );
}

/** Which picture one draws on, in words; without one a grid stands in. */
function Background({ shown, camera }: { shown: Shown; camera: Camera }) {
  if (purpose.value === null || shown.picture === null)
    return (
      <div class="panel">
        <p>{t("scene.noPicture")}</p>
        <PictureBox camera={camera.id} shown={shown} alt={t("shot.alt", { name: camera.name })} bare />
      </div>
    );
  return <PictureBox camera={camera.id} shown={shown} alt={t("shot.alt", { name: camera.name })} bare />;
}
