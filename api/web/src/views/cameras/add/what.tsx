import { t } from "../../../i18n";
import type { CameraForm } from "../../../store/cameraform";
import type { ConsentForm } from "../../../store/consentform";
import { Field } from "../../../ui/field";
import { ConsentFields } from "../consent";
import { BasicFields, KindChoice, KindFields, LONGEST, wrongText } from "../fields";
import type { PartProps } from ".";

/** Of which kind it is, with only that kind's fields; of a householder's, what he agreed to. */
export function WhatPart({ draft, change, wrong }: PartProps) {
  const set = (part: Partial<CameraForm>): void =>
    change((was) => ({
      form: { ...was.form, ...part },
      // The one who agrees is the owner, until somebody writes another name.
      ...(part.owner_name !== undefined && was.consent.owner_name === was.form.owner_name
        ? { consent: { ...was.consent, owner_name: part.owner_name } }
        : {}),
    }));
  const agree = (part: Partial<ConsentForm>): void => change((was) => ({ consent: { ...was.consent, ...part } }));
  const { form } = draft;
  const first = draft.channels[0];
  return (
    <>
      {draft.way === "probe" && first ? (
        <div class="fields">
          <Field label={t("field.name")} error={wrongText(wrong[`name ${first.key}`])}>
            {(wired) => (
              <input
                {...wired}
                name="name"
                dir="auto"
                maxLength={LONGEST}
                value={first.name}
                onInput={(event) => change({ channels: [{ ...first, name: event.currentTarget.value }] })}
              />
            )}
          </Field>
        </div>
      ) : (
        <KindChoice value={form.kind} onChange={(kind) => set({ kind })} />
      )}
      <BasicFields form={form} change={set} wrong={wrong} named={false} />
      <KindFields form={form} change={set} wrong={wrong} />
      {form.kind === "civilian" && (
        <fieldset>
          <legend>{t("consent.title")}</legend>
          <ConsentFields form={draft.consent} change={agree} wrong={wrong} />
        </fieldset>
      )}
    </>
  );
}
