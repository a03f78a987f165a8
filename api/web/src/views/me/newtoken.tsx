import { useState } from "preact/hooks";
import type { Problem } from "../../api/client";
import type { Permission } from "../../api/types";
import { createToken } from "../../api/upkeep";
import { problemText, t, word } from "../../i18n";
import { places } from "../../store/cameras";
import { session, settle } from "../../store/session";
import { Field } from "../../ui/field";
import "../../styles/admin.css";

const DAYS = 90;

/** Makes a token: what for, how long, and what of one's own it carries. Its secret is shown once. */
export function NewTokenForm({ onClose }: { onClose: () => void }) {
  const mine = session.value?.permissions ?? [];
  const within = session.value?.user.grants ?? [];
  const [name, setName] = useState("");
  const [days, setDays] = useState(DAYS);
  const [rights, setRights] = useState<Permission[]>([]);
  const [codes, setCodes] = useState<string[]>([]);
  const [secret, setSecret] = useState("");
  const [failed, setFailed] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);

  async function submit(): Promise<void> {
    setBusy(true);
    setFailed(null);
    try {
      setSecret((await createToken({ name, days, permissions: rights, places: codes.length === 0 ? null : codes })).secret);
    } catch (err) {
      setFailed(settle(err));
    }
    setBusy(false);
  }

  if (secret)
    return (
      <div class="admin-form">
        <p>{t("token.once")}</p>
        <output class="two-secret">{secret}</output>
        <div class="row">
          <button type="button" class="primary" onClick={onClose}>
            {t("user.password.noted")}
          </button>
        </div>
      </div>
    );
  return (
    <form
      class="admin-form"
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      <Field label={t("token.name")}>
        {(wired) => <input {...wired} required maxLength={64} value={name} onInput={(event) => setName(event.currentTarget.value)} />}
      </Field>
      <Field label={t("token.days")}>
        {(wired) => (
          <input
            {...wired}
            type="number"
            required
            min={1}
            max={3660}
            value={days}
            onInput={(event) => setDays(event.currentTarget.valueAsNumber)}
          />
        )}
      </Field>
      <Choices label={t("token.rights")} all={mine} chosen={rights} show={(one) => word("permission", one)} onChange={setRights} />
      <Choices
        label={t("token.places")}
        all={within}
        chosen={codes}
        show={(code) => places.value.get(code)?.name ?? code}
        onChange={setCodes}
      />
      {failed && (
        <p class="error" role="alert">
          {failed.fields[0] ? word("wrong", failed.fields[0].code) : problemText(failed)}
        </p>
      )}
      <div class="row">
        <button type="submit" class="primary" disabled={busy || rights.length === 0}>
          {t("token.make")}
        </button>
        <button type="button" onClick={onClose}>
          {t("cancel")}
        </button>
      </div>
    </form>
  );
}

interface ChoicesProps<T extends string> {
  label: string;
  all: readonly T[];
  chosen: readonly T[];
  show: (one: T) => string;
  onChange: (chosen: T[]) => void;
}

function Choices<T extends string>({ label, all, chosen, show, onChange }: ChoicesProps<T>) {
  return (
    <fieldset class="grants">
      <legend>{label}</legend>
      <div class="grant-leaves">
        {all.map((one) => (
          <label key={one} class="check">
            <input
              type="checkbox"
              checked={chosen.includes(one)}
              onChange={() => onChange(chosen.includes(one) ? chosen.filter((other) => other !== one) : [...chosen, one])}
            />
            <span>{show(one)}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
