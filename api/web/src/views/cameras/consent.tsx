import { CONSENT_SCOPES, type ConsentScope } from "../../api/register";
import { t, word } from "../../i18n";
import type { Complaints } from "../../store/cameraform";
import type { ConsentForm } from "../../store/consentform";
import { Field } from "../../ui/field";
import { ConsentMasks } from "./consentmasks";
import { wrongText } from "./fields";

interface Props {
  form: ConsentForm;
  /** Whose picture the masks are drawn over; a camera that is not registered yet has none. */
  camera?: string;
  change: (part: Partial<ConsentForm>) => void;
  wrong: Complaints;
}

const DAYS = ["valid_from", "valid_to", "signed_at"] as const;

/** What the owner agrees to: which uses, in which hours, from when to when, under which text. */
export function ConsentFields({ form, camera, change, wrong }: Props) {
  const has = (scope: ConsentScope): boolean => form.scopes.includes(scope);
  const flip = (scope: ConsentScope): void =>
    // To be registered alone is to agree to nothing that is looked at.
    change({
      scopes:
        scope === "register"
          ? ["register"]
          : CONSENT_SCOPES.filter((one) => one !== "register" && (one === scope ? !has(one) : has(one))),
    });
  return (
    <div class="consent-fields">
      <p class="muted">{t("consent.means")}</p>
      <fieldset class="plain">
        <legend>{t("consent.scopes")}</legend>
        {CONSENT_SCOPES.map((one) => (
          <label key={one} class="check check-wide">
            <input type="checkbox" checked={has(one)} onChange={() => flip(one)} />
            <span>
              {word("scope", one)} <span class="muted small">{t(`consent.scope.${one}`)}</span>
            </span>
          </label>
        ))}
        {wrong.scopes && (
          <p class="field-error" role="alert">
            {t("consent.scopes.none")}
          </p>
        )}
      </fieldset>
      <div class="fields">
        <Field label={t("consent.owner")} error={wrongText(wrong.consent_owner)}>
          {(wired) => <input {...wired} name="consent-owner" dir="auto" maxLength={64} value={form.owner_name} onInput={(event) => change({ owner_name: event.currentTarget.value })} />}
        </Field>
        <Field label={t("consent.text")} error={wrongText(wrong.text_version)} optional={t("consent.text.empty")}>
          {(wired) => <input {...wired} name="text-version" maxLength={64} value={form.text_version} onInput={(event) => change({ text_version: event.currentTarget.value })} />}
        </Field>
        <Field label={t("consent.purpose")} error={wrongText(wrong.purpose)} optional={t("consent.purpose.empty")}>
          {(wired) => <input {...wired} name="consent-purpose" maxLength={200} value={form.purpose} onInput={(event) => change({ purpose: event.currentTarget.value })} />}
        </Field>
        {(["from_hour", "to_hour"] as const).map((name) => (
          <Field key={name} label={t(`consent.${name}`)} error={wrongText(wrong[name])} optional={t("consent.allDay")}>
            {(wired) => <input {...wired} name={name} inputMode="numeric" placeholder={name === "from_hour" ? "18:00" : "06:00"} maxLength={5} value={form[name]} onInput={(event) => change({ [name]: event.currentTarget.value })} />}
          </Field>
        ))}
        {DAYS.map((name) => (
          <Field key={name} label={t(`consent.${name}`)} error={wrongText(wrong[name])} optional={t(`consent.${name}.empty`)}>
            {(wired) => <input {...wired} name={name} placeholder="2026-11-23" maxLength={19} value={form[name]} onInput={(event) => change({ [name]: event.currentTarget.value })} />}
          </Field>
        ))}
      </div>
      <ConsentMasks masks={form.masks} change={(masks) => change({ masks })} {...(camera ? { camera } : {})} />
    </div>
  );
}
