import { useState } from "preact/hooks";
import { actOn, type Incident, type IncidentAct, listPeople } from "../../../api/incidents";
import type { Problem } from "../../../api/client";
import { personName } from "../../../api/patrols";
import { problemText, t } from "../../../i18n";
import { useAsked } from "../../../store/asked";
import { useDraft } from "../../../store/drafts";
import { take } from "../../../store/incidents";
import { settle } from "../../../store/session";
import { Field } from "../../../ui/field";
import { CaseChoice } from "./casechoice";

interface Props {
  incident: Incident;
  again: () => void;
}

/**
 * What one can do now. There is one text for whatever is done next, kept in the tab: when somebody else was faster, the
 * incident is read anew, that is said, and the text stays.
 */
export function Actions({ incident, again }: Props) {
  const [draft, change, restart] = useDraft(`incident/${incident.id}`, () => ({ note: "", person: "" }));
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const [making, setMaking] = useState(false);
  const can = new Set(incident.steps);

  async function act(what: IncidentAct): Promise<void> {
    setBusy(true);
    setProblem(null);
    try {
      take(await actOn(incident, what));
      restart({ note: "", person: "" });
      setMaking(false);
      again();
    } catch (err) {
      const found = settle(err);
      setProblem(found);
      if (found.status === 409) again();
    } finally {
      setBusy(false);
    }
  }

  if (can.size === 0) return null;
  const note = draft.note.trim();
  return (
    <div class="panel incident-actions">
      <h2>{t("incident.do")}</h2>
      {problem && (
        <p class={problem.status === 409 ? "hint" : "error"} role="alert">
          {problemText(problem)} {problem.status === 409 && t("incident.stale.kept")}
        </p>
      )}
      {can.has("acknowledge") && (
        <button type="button" class="primary incident-main" disabled={busy} onClick={() => void act({ act: "acknowledge" })}>
          {t("incident.acknowledge")}
        </button>
      )}
      {(can.has("check") || can.has("close") || can.has("reopen")) && (
        <Field label={t(can.has("check") ? "incident.check.note" : can.has("close") ? "incident.result" : "incident.reopen.note")}>
          {(wired) => (
            <textarea {...wired} rows={3} maxLength={500} value={draft.note} onInput={(event) => change({ note: event.currentTarget.value })} />
          )}
        </Field>
      )}
      <div class="row">
        {can.has("check") && (
          <button type="button" class="primary" disabled={busy || note === ""} onClick={() => void act({ act: "check", note })}>
            {t("incident.check")}
          </button>
        )}
        {can.has("close") && (
          <button type="button" class={can.has("check") ? "" : "primary"} disabled={busy || note === ""} onClick={() => void act({ act: "close", result: note })}>
            {t("incident.close")}
          </button>
        )}
        {can.has("case") && (
          <button type="button" disabled={busy} aria-expanded={making} onClick={() => setMaking(!making)}>
            {t("incident.case")}
          </button>
        )}
        {can.has("reopen") && (
          <button type="button" disabled={busy || note === ""} onClick={() => void act({ act: "reopen", note })}>
            {t("incident.reopen")}
          </button>
        )}
      </div>
      {making && can.has("case") && <CaseChoice incident={incident} busy={busy} choose={(what) => void act(what)} />}
      {can.has("assign") && (
        <Assign incident={incident} person={draft.person} pick={(person) => change({ person })} busy={busy} act={act} />
      )}
    </div>
  );
}

interface AssignProps {
  incident: Incident;
  person: string;
  pick: (person: string) => void;
  busy: boolean;
  act: (what: IncidentAct) => Promise<void>;
}

/** Given to somebody who may see the place, or given on. */
function Assign({ incident, person, pick, busy, act }: AssignProps) {
  const { value: people, problem } = useAsked((until) => listPeople(incident.id, until), [incident.id]);
  const others = (people ?? []).filter((one) => one.id !== incident.assigned?.id);
  return (
    <div class="incident-assign">
      <Field label={t(incident.assigned ? "incident.assign.other" : "incident.assign")} error={problem && problemText(problem)}>
        {(wired) => (
          <select {...wired} value={person} onChange={(event) => pick(event.currentTarget.value)}>
            <option value="">{t("incident.assign.whom")}</option>
            {others.map((one) => (
              <option key={one.id} value={one.id}>
                {personName(one)}
              </option>
            ))}
          </select>
        )}
      </Field>
      <button type="button" disabled={busy || person === ""} onClick={() => void act({ act: "assign", user_id: person })}>
        {t("incident.assign.do")}
      </button>
    </div>
  );
}
