import { useEffect, useState } from "preact/hooks";
import { Problem } from "../../../api/client";
import { changeCamera, getCamera } from "../../../api/register";
import type { Camera } from "../../../api/types";
import { listed, t, word } from "../../../i18n";
import { stamp } from "../../../i18n/time";
import { type CameraForm, changeOf, complaints, type Complaints, type Field, formOf, merge, refused, touched } from "../../../store/cameraform";
import { useDraft } from "../../../store/drafts";
import { settle } from "../../../store/session";
import { Wrong } from "../../../ui/formend";
import { toast } from "../../../ui/toast";
import { CodeField } from "../code";
import { BasicFields, KindFields, RecordFields, StreamFields } from "../fields";
import { PlaceFields } from "../place";
import type { Loaded } from ".";

interface Draft {
  form: CameraForm;
  /** What the camera was when one began, or was last put together with somebody else's changes. */
  base: CameraForm;
  revision: number;
  clash: Clash | null;
}

/** Somebody else saved meanwhile; `fields` are those that both changed. */
interface Clash {
  by: string;
  at: string;
  fields: Field[];
  theirs: CameraForm;
  took: Field[];
}

const begin = (camera: Camera): Draft => {
  const form = formOf(camera);
  return { form, base: form, revision: camera.revision, clash: null };
};

/** All of a camera but its kind. What is typed outlives the session; what somebody else saved meanwhile is put beside it. */
export function Edit({ camera, keep }: Loaded) {
  const [draft, change, restart] = useDraft<Draft>(`camera/${camera.id}`, () => begin(camera));
  const [wrong, setWrong] = useState<Complaints>({});
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const { form, base, revision, clash } = draft;
  const changed = touched(form, base);
  // Without a change of one's own there is nothing to put together: one sees the newest.
  useEffect(() => {
    if (changed.length > 0 || camera.revision === revision) return;
    // Asked of the draft as it is by then: somebody may have begun to type.
    change((was) => (touched(was.form, was.base).length === 0 ? begin(camera) : {}));
  }, [changed.length, camera.revision, revision]);

  const props = {
    form,
    wrong,
    change: (part: Partial<CameraForm>) => {
      change((was) => ({ form: { ...was.form, ...part } }));
      setWrong((was) => Object.fromEntries(Object.entries(was).filter(([name]) => !(name in part))));
    },
  };

  async function save(event: Event): Promise<void> {
    event.preventDefault();
    const found = complaints(form);
    setWrong(found);
    setProblem(null);
    if (Object.keys(found).length > 0) return;
    setBusy(true);
    try {
      const made = await changeCamera(camera.id, changeOf(form, base), revision);
      keep(made);
      // What was typed meanwhile is of what was saved.
      change((was) => ({ ...begin(made), form: merge(was.form, form, formOf(made)).form }));
      toast(t("edit.saved"), { tone: "ok" });
    } catch (err) {
      const told = settle(err);
      if (told.code === "camera_stale") await putTogether(told);
      else {
        setProblem(told);
        setWrong(refused(told.fields));
      }
    }
    setBusy(false);
  }

  async function putTogether(told: Problem): Promise<void> {
    try {
      const fresh = await getCamera(camera.id);
      keep(fresh);
      const theirs = formOf(fresh);
      const { form: merged, clashes } = merge(form, base, theirs);
      const by = String(told.params.by ?? "");
      const at = String(told.params.at ?? "");
      change({ form: merged, base: theirs, revision: fresh.revision, clash: { by, at, fields: clashes, theirs, took: touched(theirs, base) } });
    } catch (err) {
      setProblem(settle(err));
    }
  }

  return (
    <form class="camera-form" onSubmit={(event) => void save(event)}>
      {clash && <ClashNote clash={clash} form={form} change={props.change} done={() => change({ clash: null })} />}
      <fieldset>
        <legend>{t("part.basic")}</legend>
        <BasicFields {...props} />
        <KindFields {...props} />
      </fieldset>
      <fieldset>
        <legend>{t("part.place")}</legend>
        <PlaceFields {...props} without={camera.id} />
      </fieldset>
      {camera.kind !== "wifi_probe" && (
        <fieldset>
          <legend>{t("part.stream")}</legend>
          <StreamFields {...props} />
        </fieldset>
      )}
      {camera.kind !== "wifi_probe" && (
        <fieldset>
          <legend>{t("part.record")}</legend>
          <RecordFields {...props} />
        </fieldset>
      )}
      <fieldset>
        <legend>{t("part.code")}</legend>
        <CodeField {...props} />
      </fieldset>
      <Wrong problem={problem} />
      <div class="form-foot">
        <button type="submit" class="primary" disabled={busy || changed.length === 0}>
          {t(busy ? "edit.saving" : "edit.save")}
        </button>
        <button type="button" disabled={changed.length === 0} onClick={() => restart(begin(camera))}>
          {t("edit.undo")}
        </button>
        <span class="muted small" role="status">
          {changed.length > 0 && t("edit.changed", { what: listed(changed.map((one) => word("field", one))) })}
        </span>
      </div>
    </form>
  );
}

/** Who saved meanwhile, what of it is in the form now, and the fields in which one's own typing stands against his. */
function ClashNote({
  clash,
  form,
  change,
  done,
}: {
  clash: Clash;
  form: CameraForm;
  change: (part: Partial<CameraForm>) => void;
  done: () => void;
}) {
  const taken = clash.took.filter((one) => !clash.fields.includes(one));
  return (
    <div class="hint clash" role="alert">
      <p>
        <strong>{t("clash.title", { by: clash.by, at: clash.at ? stamp(clash.at) : "" })}</strong>
      </p>
      {taken.length > 0 && <p>{t("clash.took", { what: listed(taken.map((one) => word("field", one))) })}</p>}
      {clash.fields.length === 0 ? (
        <p>{t("clash.none")}</p>
      ) : (
        <ul>
          {clash.fields.map((one) => (
            <li key={one}>
              <span>{t("clash.field", { what: word("field", one) })}</span>
              <bdi>{clash.theirs[one] || t("changes.empty")}</bdi>
              {form[one] !== clash.theirs[one] && (
                <button type="button" class="small-button" onClick={() => change({ [one]: clash.theirs[one] })}>
                  {t("clash.take")}
                </button>
              )}
            </li>
          ))}
        </ul>
      )}
      <p class="row">
        <span>{t("clash.save")}</span>
        <button type="button" class="small-button" onClick={done}>
          {t("close")}
        </button>
      </p>
    </div>
  );
}
