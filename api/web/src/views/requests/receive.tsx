import { useState } from "preact/hooks";
import type { Problem } from "../../api/client";
import { ID_KINDS, type IdKind, receiveRequest, type Relation, RELATIONS, type ViewingRequest } from "../../api/requests";
import { t, word } from "../../i18n";
import { minute, parseLocal } from "../../i18n/time";
import { settle } from "../../store/session";
import { CameraPick } from "../../ui/camerapick";
import { Dialog } from "../../ui/dialog";
import { Field } from "../../ui/field";
import { FormEnd } from "../../ui/formend";
import { PlacePick } from "../../ui/placepick";

const HOUR_MS = 3_600_000;
const MOST_CAMERAS = 200;
const VILLAGE = 12;

/** Who asks, what about; of his document only its kind and last four signs are written down. */
export function Receive({ onClose, done }: { onClose: () => void; done: (one: ViewingRequest) => void }) {
  const [draft, setDraft] = useState({
    asker: "",
    relation: "self" as Relation,
    id_kind: "resident" as IdKind,
    id_last4: "",
    contact: "",
    grounds: "",
    from: minute(Date.now() - HOUR_MS),
    to: minute(Date.now()),
    received: "",
    hold: true,
  });
  const [village, setVillage] = useState<string[]>([]);
  const [cameras, setCameras] = useState<string[]>([]);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const set = (part: Partial<typeof draft>): void => setDraft({ ...draft, ...part });
  const from = parseLocal(draft.from);
  const to = parseLocal(draft.to);
  const received = draft.received === "" ? null : parseLocal(draft.received);
  const whole =
    draft.asker.trim() !== "" &&
    /^[0-9A-Za-z]{4}$/.test(draft.id_last4) &&
    draft.grounds.trim() !== "" &&
    (village.length > 0 || cameras.length > 0) &&
    from !== null &&
    to !== null &&
    from < to &&
    (draft.received === "" || received !== null);

  async function receive(event: Event): Promise<void> {
    event.preventDefault();
    if (!whole || from === null || to === null) return;
    setBusy(true);
    setProblem(null);
    try {
      done(
        await receiveRequest({
          asker: draft.asker.trim(),
          relation: draft.relation,
          id_kind: draft.id_kind,
          id_last4: draft.id_last4,
          contact: draft.contact.trim(),
          village_code: village[0] ?? null,
          camera_ids: cameras,
          from: from.toISOString(),
          to: to.toISOString(),
          grounds: draft.grounds.trim(),
          received_at: received?.toISOString() ?? null,
          hold: draft.hold,
        }),
      );
    } catch (err) {
      setProblem(settle(err));
      setBusy(false);
    }
  }

  return (
    <Dialog label={t("request.receive")} onClose={onClose} wide>
      <form class="admin-form request-form" onSubmit={(event) => void receive(event)}>
        <div class="case-columns">
          <Field label={t("request.asker")}>
            {(wired) => <input {...wired} autofocus required maxLength={64} value={draft.asker} onInput={(event) => set({ asker: event.currentTarget.value })} />}
          </Field>
          <Field label={t("request.relation")}>
            {(wired) => (
              <select {...wired} value={draft.relation} onChange={(event) => set({ relation: event.currentTarget.value as Relation })}>
                {RELATIONS.map((one) => (
                  <option key={one} value={one}>
                    {word("relation", one)}
                  </option>
                ))}
              </select>
            )}
          </Field>
          <Field label={t("request.idKind")}>
            {(wired) => (
              <select {...wired} value={draft.id_kind} onChange={(event) => set({ id_kind: event.currentTarget.value as IdKind })}>
                {ID_KINDS.map((one) => (
                  <option key={one} value={one}>
                    {word("idKind", one)}
                  </option>
                ))}
              </select>
            )}
          </Field>
          <Field label={t("request.last4")} hint={t("request.last4.hint")}>
            {(wired) => (
              <input {...wired} required maxLength={4} autocomplete="off" value={draft.id_last4} onInput={(event) => set({ id_last4: event.currentTarget.value.toUpperCase() })} />
            )}
          </Field>
          <Field label={t("request.contact")} optional={t("optional")}>
            {(wired) => <input {...wired} maxLength={64} value={draft.contact} onInput={(event) => set({ contact: event.currentTarget.value })} />}
          </Field>
          <Field label={t("request.receivedAt")} hint={t("request.receivedAt.hint")} optional={t("optional")}>
            {(wired) => <input {...wired} placeholder={minute(Date.now())} value={draft.received} onInput={(event) => set({ received: event.currentTarget.value })} />}
          </Field>
          <Field label={t("request.from")}>
            {(wired) => <input {...wired} required value={draft.from} onInput={(event) => set({ from: event.currentTarget.value })} />}
          </Field>
          <Field label={t("request.to")} error={from !== null && to !== null && to <= from ? t("request.to.wrong") : null}>
            {(wired) => <input {...wired} required value={draft.to} onInput={(event) => set({ to: event.currentTarget.value })} />}
          </Field>
        </div>
        <Field label={t("request.grounds")}>
          {(wired) => <input {...wired} required maxLength={200} value={draft.grounds} onInput={(event) => set({ grounds: event.currentTarget.value })} />}
        </Field>
        <div class="case-columns">
          <PlacePick
            label={t("request.village")}
            none={t("request.village.none")}
            chosen={village}
            onChange={(codes) => setVillage(codes.slice(-1))}
            may={(code) => code.length === VILLAGE}
          />
          <CameraPick label={t("request.cameras")} chosen={cameras} onChange={setCameras} most={MOST_CAMERAS} />
        </div>
        <label class="check">
          <input type="checkbox" checked={draft.hold} onChange={() => set({ hold: !draft.hold })} />
          <span>{t("request.hold")}</span>
        </label>
        <FormEnd problem={problem} send={t("request.receive.do")} disabled={!whole || busy} cancel={onClose} />
      </form>
    </Dialog>
  );
}
