import { useState } from "preact/hooks";
import type { Problem } from "../../../api/client";
import { listed, problemText, t, word } from "../../../i18n";
import { type Complaints, placeOf, refused } from "../../../store/cameraform";
import { places, refresh } from "../../../store/cameras";
import { complaintsOf, hostOfDraft, type NewDevice, type Part, partOf, partsOf, save } from "../../../store/newdevice";
import { href } from "../../../store/route";
import { settle } from "../../../store/session";
import { Field } from "../../../ui/field";
import { Icon } from "../../../ui/icon";
import { Progress } from "../../../ui/progress";
import { wrongText } from "../fields";
import { PlacementPart } from "../placement";
import type { PartProps } from ".";

interface Props extends PartProps {
  to: (part: Part) => void;
  back: () => void;
  anew: () => void;
  setWrong: (wrong: Complaints) => void;
}

/** The whole once more, the GB/T 28181 codes, and saving: box, cameras, consents. */
export function SavePart({ draft, change, wrong, to, back, anew, setWrong }: Props) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [done, setDone] = useState<NewDevice["made"] | null>(null);
  const chosen = draft.channels.filter((one) => one.on);
  // A part may have been passed long ago, by another way.
  const open = partsOf(draft).filter((one) => Object.keys(complaintsOf(draft, one)).length > 0);

  async function go(event: Event): Promise<void> {
    event.preventDefault();
    if (open.length > 0) {
      setWrong(complaintsOf(draft, "save"));
      return;
    }
    setBusy(true);
    setProblem(null);
    try {
      const made = await save(draft, (so) => change({ made: so }));
      await refresh();
      setDone(made);
    } catch (err) {
      const told = settle(err);
      setProblem(told);
      setWrong(refused(told.fields));
    }
    setBusy(false);
  }

  if (done) return <Done made={done} draft={draft} anew={anew} />;
  const saved = Object.keys(draft.made.cameras).length;
  const field = problem?.fields[0]?.path.split(".").pop();
  return (
    <form class="panel camera-form" noValidate onSubmit={(event) => void go(event)}>
      <h2>{t("add.save.title")}</h2>
      <Summary draft={draft} />
      <fieldset>
        <legend>{t("part.code")}</legend>
        <label class="check">
          <input type="checkbox" checked={draft.makeCodes} onChange={(event) => change({ makeCodes: event.currentTarget.checked })} />
          <span>{t("gb.auto")}</span>
        </label>
        <div class="fields">
          {chosen.map((one) => (
            <Field key={one.key} label={t("gb.of", { name: one.name })} error={wrongText(wrong[`gb_id ${one.key}`] ?? wrong.gb_id)} optional={t("gb.has")}>
              {(wired) => (
                <input
                  {...wired}
                  name={`gb-${one.key}`}
                  inputMode="numeric"
                  maxLength={20}
                  value={one.gb_id}
                  onInput={(event) => {
                    const gb_id = event.currentTarget.value;
                    change((was) => ({ channels: was.channels.map((other) => (other.key === one.key ? { ...other, gb_id } : other)) }));
                  }}
                />
              )}
            </Field>
          ))}
        </div>
      </fieldset>
      <label class="check">
        <input type="checkbox" checked={draft.enabled} onChange={(event) => change({ enabled: event.currentTarget.checked })} />
        <span>{t("add.enabled")}</span>
      </label>
      {open.length > 0 && (
        <div class="hint" role="alert">
          {t("add.open")}{" "}
          {open.map((one) => (
            <button key={one} type="button" class="small-button" onClick={() => to(one)}>
              {t(`add.${one}`)}
            </button>
          ))}
        </div>
      )}
      {busy && chosen.length > 1 && <Progress label={t("edit.saving")} value={saved} max={chosen.length} detail={`${saved} / ${chosen.length}`} />}
      {problem && (
        <div class="error" role="alert">
          <p>{problemText(problem)}</p>
          {field !== undefined && (
            <p>
              {word("field", field)}: {word("wrong", problem.fields[0]!.code)}{" "}
              {partOf(field) !== "save" && (
                <button type="button" class="small-button" onClick={() => to(partOf(field))}>
                  {t("add.goto", { part: t(`add.${partOf(field)}`) })}
                </button>
              )}
            </p>
          )}
          {draft.made.device !== null && <p class="muted">{t("add.half")}</p>}
        </div>
      )}
      <div class="form-foot">
        <button type="button" onClick={back}>
          {t("add.back")}
        </button>
        <span class="grow" />
        <button type="submit" class="primary" disabled={busy || open.length > 0}>
          {t(busy ? "edit.saving" : "add.save.go")}
        </button>
      </div>
    </form>
  );
}

function Summary({ draft }: { draft: NewDevice }) {
  const at = placeOf(draft.form);
  const facts: [string, string][] = [
    [t("box.host"), hostOfDraft(draft)],
    [t("channels.title"), listed(draft.channels.filter((one) => one.on).map((one) => one.name))],
    [t("camera.kind"), word("kind", draft.form.kind)],
    [t("field.village_code"), places.value.get(draft.form.village_code)?.name ?? draft.form.village_code],
    [t("fact.position"), at === null ? t("fact.untold") : `${at.lat.toFixed(6)}, ${at.lon.toFixed(6)}`],
    [t("add.test"), draft.way === "probe" ? t("add.test.probe") : draft.report === null ? t("add.test.not") : t(draft.report.ok ? "add.test.ok" : "add.test.bad")],
  ];
  return (
    <dl class="record">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>
            <bdi>{value}</bdi>
          </dd>
        </div>
      ))}
    </dl>
  );
}

function Done({ made, draft, anew }: { made: NewDevice["made"]; draft: NewDevice; anew: () => void }) {
  const names = new Map(draft.channels.map((one) => [one.key, one.name]));
  const ids = Object.values(made.cameras);
  return (
    <>
    <div class="panel add-done" role="status">
      <h2>
        <Icon name="check" /> {t("add.done")}
      </h2>
      <ul>
        {Object.entries(made.cameras).map(([key, id]) => (
          <li key={id} class="row">
            <a href={href("cameras", undefined, id)} onClick={anew}>
              <bdi>{names.get(key)}</bdi>
            </a>
            {draft.form.kind !== "wifi_probe" && (
              <>
                <a class="button small-button" href={href("cameras", undefined, id, "scene")} onClick={anew}>
                  {t("scene.title")}
                </a>
                <a class="button small-button" href={href("cameras", new URLSearchParams({ tab: "placement" }), id)} onClick={anew}>
                  {t("one.tab.placement")}
                </a>
              </>
            )}
          </li>
        ))}
      </ul>
      <div class="row">
        <button type="button" class="primary" onClick={anew}>
          {t("add.another")}
        </button>
        <a class="button" href={href("cameras")} onClick={anew}>
          {t("one.back")}
        </a>
      </div>
    </div>
    {/* Nothing is pulled before: what is asked of the place is the last thing done on site. */}
    {draft.form.kind !== "wifi_probe" && ids.length === 1 && <PlacementPart camera={ids[0]!} kind={draft.form.kind} />}
    </>
  );
}
