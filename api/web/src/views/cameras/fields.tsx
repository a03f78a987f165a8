/** The fields of a camera, shared by its form and by the wizard; what is wrong stands at the field it is about. */

import { type ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import type { Camera, Kind } from "../../api/types";
import { t, word } from "../../i18n";
import type { CameraForm, Complaints, Field as Name } from "../../store/cameraform";
import { NEEDS } from "../../store/cameraform";
import { cameras, places } from "../../store/cameras";
import { Field } from "../../ui/field";

export interface FormProps {
  form: CameraForm;
  change: (part: Partial<CameraForm>) => void;
  wrong: Complaints;
}

interface TextProps extends FormProps {
  name: Name;
  optional?: boolean;
  hint?: ComponentChildren;
  mode?: "text" | "decimal" | "numeric" | "url" | "tel";
  list?: string;
  placeholder?: string;
}

/** More than any field takes, and no more than a page should be made to hold. */
export const LONGEST = 4_000;

export const wrongText = (code: string | undefined): string | null => (code === undefined ? null : word("wrong", code));

export function TextField({ form, change, wrong, name, optional = false, hint, mode = "text", list, placeholder }: TextProps) {
  return (
    <Field label={t(`field.${name}`)} error={wrongText(wrong[name])} hint={hint} {...(optional ? { optional: t("optional") } : {})}>
      {(wired) => (
        <input
          {...wired}
          name={name}
          dir="auto"
          inputMode={mode}
          autocomplete="off"
          spellcheck={false}
          maxLength={LONGEST}
          list={list}
          placeholder={placeholder}
          value={form[name]}
          onInput={(event) => change({ [name]: event.currentTarget.value })}
        />
      )}
    </Field>
  );
}

/** What it is called and where it belongs. `named` is false where channels have names of their own. */
export function BasicFields({ named = true, ...props }: FormProps & { named?: boolean }) {
  const { form } = props;
  const hamlets = useMemo(() => hamletsOf(cameras.value ?? [], form.village_code), [cameras.value, form.village_code]);
  return (
    <div class="fields">
      {named && <TextField {...props} name="name" hint={t("field.name.hint")} />}
      <VillageField {...props} />
      <TextField {...props} name="hamlet" optional list="hamlets" />
      <datalist id="hamlets">
        {hamlets.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
      <TextField {...props} name="address" optional />
      <TextField {...props} name="pole" optional />
      <TextField {...props} name="note" optional />
    </div>
  );
}

const hamletsOf = (list: readonly Camera[], village: string): string[] =>
  [...new Set(list.filter((one) => one.village_code === village && one.hamlet !== "").map((one) => one.hamlet))].sort();

function VillageField({ form, change, wrong }: FormProps) {
  const known = places.value;
  const townships = useMemo(() => {
    const found = new Map<string, { code: string; name: string }[]>();
    for (const one of known.values()) {
      if (one.level !== "village") continue;
      const township = one.code.slice(0, 9);
      found.set(township, [...(found.get(township) ?? []), one]);
    }
    return [...found.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
  }, [known]);
  return (
    <Field label={t("field.village_code")} error={wrongText(wrong.village_code)}>
      {(wired) => (
        <select {...wired} name="village_code" value={form.village_code} onChange={(event) => change({ village_code: event.currentTarget.value })}>
          <option value="">{t("choose")}</option>
          {form.village_code !== "" && !known.has(form.village_code) && <option value={form.village_code}>{form.village_code}</option>}
          {townships.map(([code, villages]) => (
            <optgroup key={code} label={known.get(code)?.name ?? code}>
              {villages.map((one) => (
                <option key={one.code} value={one.code}>
                  {one.name}
                </option>
              ))}
            </optgroup>
          ))}
        </select>
      )}
    </Field>
  );
}

const HINTS: Partial<Record<Name, "field.owner_contact.hint" | "field.probe_mac.hint">> = {
  owner_contact: "field.owner_contact.hint",
  probe_mac: "field.probe_mac.hint",
};

/** Only what the kind has. */
export function KindFields(props: FormProps) {
  return (
    <div class="fields">
      {NEEDS[props.form.kind].map((name) => {
        const hint = HINTS[name];
        return <TextField key={name} {...props} name={name} mode={name === "owner_contact" ? "tel" : "text"} hint={hint && t(hint)} />;
      })}
    </div>
  );
}

export function KindChoice({ value, onChange }: { value: Kind; onChange: (kind: Kind) => void }) {
  const kinds = ["public", "social", "civilian"] as const;
  return (
    <div class="kind-choice" role="radiogroup" aria-label={t("camera.kind")}>
      {kinds.map((one) => (
        <label key={one} class="choice-card">
          <input type="radio" name="kind" checked={value === one} onChange={() => onChange(one)} />
          <span>
            <strong>{word("kind", one)}</strong>
            <span class="muted small">{t(`kind.means.${one}`)}</span>
          </span>
        </label>
      ))}
    </div>
  );
}

/** How it is recorded; left as its kind is, unless somebody says otherwise. */
export function RecordFields(props: FormProps) {
  const { form, change, wrong } = props;
  const modes = ["continuous", "on_event", "none"] as const;
  const streams = ["sub", "main", "both"] as const;
  return (
    <div class="fields">
      <Field label={t("field.record_mode")} error={wrongText(wrong.record_mode)} hint={t(form.kind === "civilian" ? "record.means.civilian" : "record.means")}>
        {(wired) => (
          <select {...wired} name="record_mode" value={form.record_mode} onChange={(event) => change({ record_mode: event.currentTarget.value })}>
            <option value="">{t("record.byKind", { kind: word("kind", form.kind) })}</option>
            {modes.map((one) => (
              <option key={one} value={one}>
                {t(`record.${one}`)}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label={t("field.record_stream")} error={wrongText(wrong.record_stream)} hint={t("field.record_stream.hint")}>
        {(wired) => (
          <select {...wired} name="record_stream" value={form.record_stream} onChange={(event) => change({ record_stream: event.currentTarget.value })}>
            <option value="">{t("record.byKind", { kind: word("kind", form.kind) })}</option>
            {streams.map((one) => (
              <option key={one} value={one}>
                {t(`stream.${one}`)}
              </option>
            ))}
          </select>
        )}
      </Field>
      <TextField {...props} name="record_days" optional mode="numeric" hint={t("field.record_days.hint")} />
      <TextField {...props} name="event_days" optional mode="numeric" hint={t("field.event_days.hint")} />
    </div>
  );
}

export function StreamFields(props: FormProps) {
  return (
    <div class="fields fields-wide">
      <TextField {...props} name="sub_url" optional mode="url" hint={t("field.sub_url.hint")} />
      <TextField {...props} name="main_url" optional mode="url" />
      <Field label={t("field.tier")} error={wrongText(props.wrong.tier)} hint={t("field.tier.hint")}>
        {(wired) => (
          <select {...wired} name="tier" value={props.form.tier} onChange={(event) => props.change({ tier: event.currentTarget.value })}>
            {(["auto", "full", "keyframes"] as const).map((one) => (
              <option key={one} value={one}>
                {t(`tier.${one}`)}
              </option>
            ))}
          </select>
        )}
      </Field>
    </div>
  );
}
