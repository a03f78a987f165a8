import { useState } from "preact/hooks";
import { askApproval } from "../../api/cases";
import { listCases, type Problem } from "../../api/client";
import { t } from "../../i18n";
import { minute, parseLocal } from "../../i18n/time";
import { useAsked } from "../../store/asked";
import { route } from "../../store/route";
import { purpose, settle } from "../../store/session";
import { Dialog } from "../../ui/dialog";
import { Field } from "../../ui/field";
import { FormEnd } from "../../ui/formend";
import { Unread } from "../../ui/notice";
import { PlacePick } from "../../ui/placepick";
import { toast } from "../../ui/toast";

const DAY_MS = 86_400_000;
const MOST_PLACES = 20;

/** Asks a second person to let one look further than a case; what was refused stands in the address. */
export function AskForMore({ onClose, done }: { onClose: () => void; done: () => void }) {
  const query = route.value.query;
  const { value: cases, problem: unread, again } = useAsked(() => listCases());
  const open = (cases ?? []).filter((one) => one.member && one.state === "open");
  const [chosen, setChosen] = useState(query.get("case") ?? purpose.value?.case_id ?? "");
  const [places, setPlaces] = useState<string[]>(query.getAll("place"));
  const [from, setFrom] = useState(query.get("since") || minute(Date.now() - 7 * DAY_MS));
  const [to, setTo] = useState(query.get("until") || minute(Date.now()));
  const [hours, setHours] = useState(24);
  const [reason, setReason] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const of = open.find((one) => one.id === chosen) ?? open[0];
  const [starts, ends] = [parseLocal(from), parseLocal(to)];
  const possible = of !== undefined && places.length > 0 && reason.trim() !== "" && starts !== null && ends !== null && starts < ends;

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    if (!of || !starts || !ends) return;
    setBusy(true);
    setProblem(null);
    try {
      await askApproval(
        { kind: "reach", case_id: of.id, places, starts_at: starts.toISOString(), ends_at: ends.toISOString(), hours },
        reason.trim(),
      );
      toast(t("reach.asked"), { tone: "ok" });
      done();
    } catch (err) {
      setProblem(settle(err));
      setBusy(false);
    }
  }

  return (
    <Dialog label={t("reach.ask")} onClose={onClose}>
      {cases === null ? (
        <Unread problem={unread} retry={again} />
      ) : !of ? (
        <p class="hint">{t("reach.noCase")}</p>
      ) : (
        <form class="admin-form" onSubmit={(event) => void submit(event)}>
          <p class="muted">{t("reach.means")}</p>
          <Field label={t("purpose.case")}>
            {(wired) => (
              <select {...wired} value={of.id} onChange={(event) => setChosen(event.currentTarget.value)}>
                {open.map((one) => (
                  <option key={one.id} value={one.id}>
                    {one.number} {one.title}
                  </option>
                ))}
              </select>
            )}
          </Field>
          <PlacePick label={t("case.places")} none={t("case.places.none")} chosen={places} onChange={setPlaces} most={MOST_PLACES} everywhere />
          <div class="case-times">
            <Field label={t("case.from")}>
              {(wired) => <input {...wired} required value={from} onInput={(event) => setFrom(event.currentTarget.value)} />}
            </Field>
            <Field label={t("case.to")}>
              {(wired) => <input {...wired} required value={to} onInput={(event) => setTo(event.currentTarget.value)} />}
            </Field>
          </div>
          <Field label={t("reach.hours")} hint={t("reach.hours.hint")}>
            {(wired) => (
              <input {...wired} type="number" min={1} max={744} value={hours} onInput={(event) => setHours(event.currentTarget.valueAsNumber)} />
            )}
          </Field>
          <Field label={t("purpose.reason")}>
            {(wired) => (
              <input {...wired} required maxLength={200} placeholder={t("reach.reason.example")} value={reason} onInput={(event) => setReason(event.currentTarget.value)} />
            )}
          </Field>
          <FormEnd problem={problem} send={t("reach.send")} disabled={busy || !possible} cancel={onClose} />
        </form>
      )}
    </Dialog>
  );
}
