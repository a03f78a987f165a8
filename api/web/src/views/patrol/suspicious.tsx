import { useState } from "preact/hooks";
import { listPatrollers, type Person, personName } from "../../api/patrols";
import { t } from "../../i18n";
import { useAsked } from "../../store/asked";
import type { Raised } from "../../store/patrol";
import { may } from "../../store/session";
import { Field } from "../../ui/field";

const TITLES = ["person", "vehicle", "animals", "fire", "fight"] as const;

interface Props {
  note: string;
  raise: (headline: Raised) => void;
  /** The mark alone will do. */
  leave: () => void;
}

/** What is suspicious, in a few words or one press: the mark and its picture are kept already, this makes an incident of it. */
export function Suspicious({ note: typed, raise, leave }: Props) {
  const [title, setTitle] = useState("");
  const [note, setNote] = useState(typed);
  const [person, setPerson] = useState("");
  const { value: people } = useAsked<Person[]>(
    (until) => (may("manage_patrols") ? listPatrollers(until) : Promise.resolve([])),
  );
  return (
    <form
      class="subform-plain"
      onSubmit={(event) => {
        event.preventDefault();
        raise({ title: title.trim(), note: note.trim(), assign: person || null });
      }}
    >
      <div class="chips" role="group" aria-label={t("incident.title.quick")}>
        {TITLES.map((one) => (
          <button key={one} type="button" class="chip" aria-pressed={title === t(`incident.quick.${one}`)} onClick={() => setTitle(t(`incident.quick.${one}`))}>
            {t(`incident.quick.${one}`)}
          </button>
        ))}
      </div>
      <Field label={t("incident.title")}>
        {(wired) => <input {...wired} autofocus required maxLength={100} value={title} onInput={(event) => setTitle(event.currentTarget.value)} />}
      </Field>
      <Field label={t("incident.note")} optional={t("patrol.optional")}>
        {(wired) => <textarea {...wired} rows={3} maxLength={500} value={note} onInput={(event) => setNote(event.currentTarget.value)} />}
      </Field>
      {people && people.length > 0 && (
        <Field label={t("incident.assign")} optional={t("patrol.optional")}>
          {(wired) => (
            <select {...wired} value={person} onChange={(event) => setPerson(event.currentTarget.value)}>
              <option value="">{t("incident.assign.later")}</option>
              {people.map((one) => (
                <option key={one.id} value={one.id}>
                  {personName(one)}
                </option>
              ))}
            </select>
          )}
        </Field>
      )}
      <div class="row">
        <button type="submit" class="primary" disabled={title.trim() === ""}>
          {t("patrol.raise")}
        </button>
        <button type="button" onClick={leave}>
          {t("patrol.onlyMark")}
        </button>
      </div>
    </form>
  );
}
