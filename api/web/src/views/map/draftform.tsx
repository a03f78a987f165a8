import { useState } from "preact/hooks";
import { Problem } from "../../api/client";
import type { Camera } from "../../api/types";
import { problemText, t, word } from "../../i18n";
import { settle } from "../../store/session";
import { Field } from "../../ui/field";
import { distance } from "../../ui/map/geo";
import { toast } from "../../ui/toast";
import { bearingOf, complete, type Draft, save } from "./draft";

interface Props {
  draft: Draft;
  /** The village's cameras, to say which see an entrance. */
  cameras: readonly Camera[];
  change: (part: Partial<Draft>) => void;
  done: (saved: boolean) => void;
}

/** The names and numbers of what is being drawn. What is typed stays until it is saved or given up. */
export function DraftForm({ draft, cameras, change, done }: Props) {
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<Problem | null>(null);

  async function submit(over: Draft): Promise<void> {
    setBusy(true);
    setFailed(null);
    try {
      await save(over);
      toast(t("ground.saved"), { tone: "ok" });
      done(true);
    } catch (err) {
      setFailed(settle(err));
      setBusy(false);
    }
  }

  const stale = failed?.code === "ground_stale" ? Number(failed.params.revision) : null;
  return (
    <form
      class="draft panel"
      onSubmit={(event) => {
        event.preventDefault();
        void submit(draft);
      }}
    >
      <h2>{draft.id === null ? t(`ground.draw.${draft.what}`) : t(`ground.edit.${draft.what}`)}</h2>
      {draft.what !== "boundary" && (
        <Field label={t("ground.name")}>
          {(wired) => (
            <input {...wired} value={draft.name} maxLength={64} onInput={(event) => change({ name: event.currentTarget.value })} />
          )}
        </Field>
      )}
      {draft.what === "entrance" && <EntranceFields draft={draft} cameras={cameras} change={change} />}
      {failed && (
        <p class="error" role="alert">
          {reasons(failed)}
        </p>
      )}
      <div class="row">
        {stale === null ? (
          <button type="submit" class="primary" disabled={busy || !complete(draft)}>
            {t("ground.save")}
          </button>
        ) : (
          <button type="button" class="danger" disabled={busy} onClick={() => void submit({ ...draft, revision: stale })}>
            {t("ground.saveAnyway")}
          </button>
        )}
        <button type="button" onClick={() => done(false)}>
          {t("cancel")}
        </button>
      </div>
    </form>
  );
}

/** A refusal in words: of a shape, what is wrong with it. */
function reasons(failed: Problem): string {
  const told = failed.fields.map((one) => word("survey", one.code));
  return told.length > 0 ? [...new Set(told)].join("；") : problemText(failed);
}

function EntranceFields({ draft, cameras, change }: Pick<Props, "draft" | "cameras" | "change">) {
  const value = bearingOf(draft.bearing);
  const at = draft.points[0];
  const near = [...cameras].sort((a, b) => (at ? metres(a, at) - metres(b, at) : 0));
  return (
    <>
      <Field label={t("ground.bearing")} hint={t("ground.bearing.hint")} error={value === null ? t("ground.bearing.wrong") : null}>
        {(wired) => (
          <div class="row bearing">
            <input
              {...wired}
              inputMode="decimal"
              value={draft.bearing}
              onInput={(event) => change({ bearing: event.currentTarget.value })}
            />
            <input
              type="range"
              min={0}
              max={355}
              step={5}
              aria-label={t("ground.bearing")}
              value={value ?? 0}
              onInput={(event) => change({ bearing: event.currentTarget.value })}
            />
          </div>
        )}
      </Field>
      <fieldset class="watching">
        <legend>{t("ground.cameras")}</legend>
        {near.length === 0 && <p class="muted small">{t("ground.cameras.none")}</p>}
        {near.map((one) => (
          <label key={one.id} class="check">
            <input
              type="checkbox"
              checked={draft.cameras.includes(one.id)}
              onChange={(event) =>
                change({
                  cameras: event.currentTarget.checked
                    ? [...draft.cameras, one.id]
                    : draft.cameras.filter((id) => id !== one.id),
                })
              }
            />
            <span>{one.name}</span>
            {at && one.lat !== null && <span class="muted small">{t("ground.metres", { n: Math.round(metres(one, at)) })}</span>}
          </label>
        ))}
      </fieldset>
    </>
  );
}

const metres = (camera: Camera, at: [number, number]): number =>
  camera.lat === null || camera.lon === null ? Number.POSITIVE_INFINITY : distance([camera.lon, camera.lat], at);
