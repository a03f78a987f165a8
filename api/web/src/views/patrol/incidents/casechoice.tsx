import { useState } from "preact/hooks";
import { listCases } from "../../../api/client";
import type { Incident, IncidentAct } from "../../../api/incidents";
import { t } from "../../../i18n";
import { useAsked } from "../../../store/asked";
import { useDraft } from "../../../store/drafts";
import { Field } from "../../../ui/field";

interface Props {
  incident: Incident;
  busy: boolean;
  choose: (what: IncidentAct) => void;
}

/** An open case it belongs to, or a new one. */
export function CaseChoice({ incident, busy, choose }: Props) {
  const { value: cases } = useAsked(() => listCases());
  const [chosen, setChosen] = useState("");
  const [made, change] = useDraft(`incident-case/${incident.id}`, () => ({ number: "", title: incident.title }));
  const open = (cases ?? []).filter((one) => one.state === "open");
  return (
    <form
      class="subform"
      onSubmit={(event) => {
        event.preventDefault();
        choose(chosen ? { act: "case", case_id: chosen } : { act: "case", number: made.number.trim(), title: made.title.trim() });
      }}
    >
      <Field label={t("incident.case.which")}>
        {(wired) => (
          <select {...wired} value={chosen} onChange={(event) => setChosen(event.currentTarget.value)}>
            <option value="">{t("incident.case.new")}</option>
            {open.map((one) => (
              <option key={one.id} value={one.id}>
                {one.number} {one.title}
              </option>
            ))}
          </select>
        )}
      </Field>
      {chosen === "" && (
        <>
          <Field label={t("case.number")}>
            {(wired) => <input {...wired} required maxLength={64} value={made.number} onInput={(event) => change({ number: event.currentTarget.value })} />}
          </Field>
          <Field label={t("case.title")}>
            {(wired) => <input {...wired} required maxLength={200} value={made.title} onInput={(event) => change({ title: event.currentTarget.value })} />}
          </Field>
        </>
      )}
      <button type="submit" class="primary" disabled={busy}>
        {t("incident.case.do")}
      </button>
    </form>
  );
}
