import { useEffect, useMemo, useState } from "preact/hooks";
import { addEntry } from "../../../api/canvass";
import type { Problem } from "../../../api/client";
import type { Case } from "../../../api/types";
import { t } from "../../../i18n";
import { ground, positionsAround, readGroundOf } from "../../../store/ground";
import { settle } from "../../../store/session";
import { Dialog } from "../../../ui/dialog";
import { Field } from "../../../ui/field";
import { FormEnd } from "../../../ui/formend";
import { AreaMap } from "../../../ui/map";
import { parsePosition, written } from "../../../ui/map/geo";
import { daysOf, Said, type SaidDraft } from "./said";

const NONE: never[] = [];

/** A house, a shop, a volunteer that the hub knows nothing of. */
export function Add({ of, onClose, done }: { of: Case; onClose: () => void; done: () => void }) {
  const [draft, setDraft] = useState({ name: "", address: "", contact: "", position: "" });
  const [said, setSaid] = useState<SaidDraft>({ has_camera: "", kept_days: "", note: "" });
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const set = (part: Partial<typeof draft>): void => setDraft({ ...draft, ...part });
  const at = parsePosition(draft.position);
  const wrongPlace = draft.position.trim() !== "" && at === null;
  const days = daysOf(said.kept_days);
  const whole = draft.name.trim() !== "" && !wrongPlace && days !== undefined;
  const code = of.places[0] ?? "";
  useEffect(() => {
    const stop = new AbortController();
    if (code !== "") void readGroundOf(code, stop.signal);
    return () => stop.abort();
  }, [code]);
  const drawn = ground.value?.code === code ? ground.value.of : null;
  const near = useMemo(() => positionsAround(code), [code]);

  async function add(event: Event): Promise<void> {
    event.preventDefault();
    if (!whole || days === undefined) return;
    setBusy(true);
    setProblem(null);
    try {
      await addEntry(of.id, {
        name: draft.name.trim(),
        address: draft.address.trim(),
        contact: draft.contact.trim(),
        ...(at ? { lat: at[1], lon: at[0] } : {}),
        has_camera: said.has_camera === "" ? null : said.has_camera === "yes",
        kept_days: days,
        note: said.note.trim(),
      });
      done();
    } catch (err) {
      setProblem(settle(err));
      setBusy(false);
    }
  }

  return (
    <Dialog label={t("canvass.add")} onClose={onClose} wide>
      <form class="admin-form" onSubmit={(event) => void add(event)}>
        <div class="case-columns">
          <div class="admin-form">
            <Field label={t("canvass.name")}>
              {(wired) => (
                <input {...wired} autofocus required maxLength={64} placeholder={t("canvass.name.example")} value={draft.name} onInput={(event) => set({ name: event.currentTarget.value })} />
              )}
            </Field>
            <Field label={t("canvass.address")} optional={t("optional")}>
              {(wired) => <input {...wired} maxLength={200} value={draft.address} onInput={(event) => set({ address: event.currentTarget.value })} />}
            </Field>
            <Field label={t("canvass.contact")} optional={t("optional")}>
              {(wired) => <input {...wired} maxLength={64} value={draft.contact} onInput={(event) => set({ contact: event.currentTarget.value })} />}
            </Field>
            <Said said={said} onSaid={setSaid} />
          </div>
          <div class="admin-form">
            <AreaMap
              label={t("canvass.map")}
              places={drawn?.areas ?? NONE}
              roads={drawn?.roads ?? NONE}
              entrances={drawn?.entrances ?? NONE}
              draw="point"
              drawn={at ? [at] : NONE}
              onDrawn={([one]) => one && set({ position: written(one) })}
              fitTo={drawn ? `${code} drawn` : code}
              near={near}
            />
          </div>
        </div>
        <FormEnd problem={problem} send={t("canvass.add.do")} disabled={!whole || busy} cancel={onClose} />
      </form>
    </Dialog>
  );
}
