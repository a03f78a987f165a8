import { useState } from "preact/hooks";
import { changeEntry, type Entry } from "../../../api/canvass";
import type { Problem } from "../../../api/client";
import type { Case } from "../../../api/types";
import { t } from "../../../i18n";
import { settle } from "../../../store/session";
import { Dialog } from "../../../ui/dialog";
import { Field } from "../../../ui/field";
import { FormEnd } from "../../../ui/formend";
import { parsePosition, written } from "../../../ui/map/geo";
import { daysOf, Said, type SaidDraft } from "./said";

/** What somebody said when he was visited. */
export function Told({ of, one, onClose, done, again }: { of: Case; one: Entry; onClose: () => void; done: () => void; again: () => void }) {
  const [said, setSaid] = useState<SaidDraft>({
    has_camera: one.has_camera === null ? "" : one.has_camera ? "yes" : "no",
    kept_days: one.kept_days === null ? "" : String(one.kept_days),
    note: one.note,
  });
  const [contact, setContact] = useState(one.contact);
  const was = one.lat === null || one.lon === null ? "" : written([one.lon, one.lat]);
  const [position, setPosition] = useState(was);
  const at = parsePosition(position);
  const wrongPlace = at === null && (position.trim() !== "" || one.lat !== null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const days = daysOf(said.kept_days);

  async function keep(event: Event): Promise<void> {
    event.preventDefault();
    if (days === undefined || wrongPlace) return;
    setBusy(true);
    try {
      await changeEntry(of.id, one, {
        has_camera: said.has_camera === "" ? null : said.has_camera === "yes",
        kept_days: days,
        note: said.note.trim(),
        contact: contact.trim(),
        // As it is written it is a little off: what nobody touched stays as exact as it is.
        ...(at && position !== was ? { lat: at[1], lon: at[0] } : {}),
      });
      done();
    } catch (err) {
      const problem = settle(err);
      setProblem(problem);
      setBusy(false);
      if (problem.code === "canvass_stale") again(); // opened again, it is of the list as it is now
    }
  }

  return (
    <Dialog label={t("canvass.told.of", { name: one.name })} onClose={onClose}>
      <form class="admin-form" onSubmit={(event) => void keep(event)}>
        <Said said={said} onSaid={setSaid} />
        <Field label={t("canvass.contact")} optional={t("optional")}>
          {(wired) => <input {...wired} maxLength={64} value={contact} onInput={(event) => setContact(event.currentTarget.value)} />}
        </Field>
        <Field label={t("map.position")} hint={t("canvass.position.hint")} optional={t("optional")} error={wrongPlace ? t("canvass.position.wrong") : null}>
          {(wired) => <input {...wired} maxLength={64} placeholder={t("map.position.example")} value={position} onInput={(event) => setPosition(event.currentTarget.value)} />}
        </Field>
        <FormEnd problem={problem} send={t("canvass.keep")} disabled={busy || days === undefined || wrongPlace} cancel={onClose} />
      </form>
    </Dialog>
  );
}
