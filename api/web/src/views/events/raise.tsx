import { useState } from "preact/hooks";
import type { Problem } from "../../api/client";
import { openIncident } from "../../api/incidents";
import type { HubEvent } from "../../api/types";
import { t, word } from "../../i18n";
import { useDraft } from "../../store/drafts";
import { known, take } from "../../store/incidents";
import { href } from "../../store/route";
import { settle } from "../../store/session";
import { Field } from "../../ui/field";
import { FormEnd } from "../../ui/formend";
import { Icon } from "../../ui/icon";

/** Makes an incident of an event, or leads to the one there is. */
export function Raise({ event }: { event: HubEvent }) {
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [draft, change, restart] = useDraft(`raise/${event.id}`, () => ({
    title: `${event.camera_name} ${word("label", event.label)}`.slice(0, 100),
    note: "",
  }));
  const made = [...known.value.values()].find((one) => one.event_id === event.id);

  async function raise(press: Event): Promise<void> {
    press.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      take(await openIncident({ event_id: event.id, title: draft.title.trim(), note: draft.note.trim() }));
      restart(draft);
    } catch (err) {
      setProblem(settle(err));
    }
    setBusy(false);
  }

  if (made)
    return (
      <a class="button" href={href("patrol", undefined, "incidents", made.id)}>
        <Icon name="flag" /> {t("incident.ofEvent")}
      </a>
    );
  if (!open)
    return (
      <button type="button" onClick={() => setOpen(true)}>
        <Icon name="flag" /> {t("incident.raise")}
      </button>
    );
  return (
    <form class="subform" onSubmit={(press) => void raise(press)}>
      <Field label={t("incident.title")}>
        {(wired) => <input {...wired} required autofocus maxLength={100} value={draft.title} onInput={(press) => change({ title: press.currentTarget.value })} />}
      </Field>
      <Field label={t("incident.note")} optional={t("patrol.optional")}>
        {(wired) => <textarea {...wired} rows={2} maxLength={500} value={draft.note} onInput={(press) => change({ note: press.currentTarget.value })} />}
      </Field>
      <FormEnd problem={problem} send={t("incident.raise")} disabled={busy || draft.title.trim() === ""} cancel={() => setOpen(false)} />
    </form>
  );
}
