import { useState } from "preact/hooks";
import { changePlace, createPlace } from "../../api/admin";
import type { Problem } from "../../api/client";
import type { Place } from "../../api/types";
import { problemText, t } from "../../i18n";
import { places, readPlaces } from "../../store/cameras";
import { useDraft } from "../../store/drafts";
import { settle } from "../../store/session";
import { Dialog } from "../../ui/dialog";
import { Field } from "../../ui/field";
import { parsePosition } from "../../ui/map/geo";
import { toast } from "../../ui/toast";

interface Draft {
  code: string;
  name: string;
  position: string;
  revision: number;
}

const start = (place: Place | null): Draft => ({
  code: place?.code ?? "",
  name: place?.name ?? "",
  position: place?.lat == null || place.lon == null ? "" : `${place.lat}, ${place.lon}`,
  revision: place?.revision ?? 0,
});

/** A place to add, or to give another name, code or position. */
export function PlaceForm({ place, onClose }: { place: Place | null; onClose: () => void }) {
  const [draft, change, restart] = useDraft(`place/${place?.code ?? "new"}`, () => start(place));
  const [failed, setFailed] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const at = parsePosition(draft.position);
  const wrongPosition = draft.position.trim() !== "" && at === null;
  const digits = draft.code.trim();
  const wrongCode = digits !== "" && !/^(\d{6}|\d{9}|\d{12})$/.test(digits);
  const above = digits.length > 6 ? places.value.get(digits.slice(0, digits.length - 3)) : undefined;
  const stale = failed?.code === "place_stale" ? Number(failed.params.revision) : null;

  async function submit(revision: number): Promise<void> {
    setBusy(true);
    setFailed(null);
    const body = { code: digits, name: draft.name.trim(), lat: at?.[1] ?? null, lon: at?.[0] ?? null };
    try {
      if (place === null) await createPlace(body);
      else {
        const { code, ...rest } = body;
        await changePlace(place.code, { ...rest, ...(code === place.code ? {} : { code }), expected_revision: revision });
      }
      await readPlaces();
      toast(t("admin.saved"), { tone: "ok" });
      restart(start(null));
      onClose();
    } catch (err) {
      setFailed(settle(err));
      setBusy(false);
    }
  }

  function giveUp(): void {
    restart(start(place));
    onClose();
  }

  return (
    <Dialog label={place ? t("admin.village.change", { name: place.name }) : t("admin.village.add")} onClose={giveUp}>
      <form
        class="admin-form"
        onSubmit={(event) => {
          event.preventDefault();
          void submit(draft.revision);
        }}
      >
        <Field
          label={t("place.code")}
          hint={above ? t("place.above", { name: above.name }) : t("place.code.hint")}
          error={wrongCode ? t("place.code.wrong") : null}
        >
          {(wired) => (
            <input
              {...wired}
              inputMode="numeric"
              value={draft.code}
              onInput={(event) => change({ code: event.currentTarget.value })}
            />
          )}
        </Field>
        <Field label={t("place.name")}>
          {(wired) => (
            <input {...wired} maxLength={64} value={draft.name} onInput={(event) => change({ name: event.currentTarget.value })} />
          )}
        </Field>
        <Field
          label={t("map.position")}
          hint={t("place.position.hint")}
          error={wrongPosition ? t("place.position.wrong") : null}
        >
          {(wired) => (
            <input
              {...wired}
              placeholder={t("map.position.example")}
              value={draft.position}
              onInput={(event) => change({ position: event.currentTarget.value })}
            />
          )}
        </Field>
        {failed && (
          <p class="error" role="alert">
            {failed.fields.some((one) => one.code === "parent_unknown") ? t("place.parentUnknown") : problemText(failed)}
          </p>
        )}
        <div class="row">
          {stale === null ? (
            <button type="submit" class="primary" disabled={busy || digits === "" || wrongCode || draft.name.trim() === "" || wrongPosition}>
              {t("admin.save")}
            </button>
          ) : (
            <button type="button" class="danger" disabled={busy} onClick={() => void submit(stale)}>
              {t("ground.saveAnyway")}
            </button>
          )}
          <button type="button" onClick={giveUp}>
            {t("cancel")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
