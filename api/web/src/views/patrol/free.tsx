import { useState } from "preact/hooks";
import { t } from "../../i18n";
import { useDraft } from "../../store/drafts";
import { Field } from "../../ui/field";
import { Pick } from "./pick";

interface Props {
  busy: boolean;
  start: (what: { camera_ids: string[]; reason: string }) => void;
}

/** A patrol without a plan, over cameras of one's villages. */
export function Free({ busy, start }: Props) {
  const [open, setOpen] = useState(false);
  const [draft, change] = useDraft("patrol-free", () => ({ reason: "", cameras: [] as string[] }));
  if (!open)
    return (
      <button type="button" class="free-open" onClick={() => setOpen(true)}>
        {t("patrol.free.new")}
      </button>
    );
  return (
    <form
      class="panel free"
      onSubmit={(event) => {
        event.preventDefault();
        start({ camera_ids: draft.cameras, reason: draft.reason.trim() });
      }}
    >
      <h2>{t("patrol.free.new")}</h2>
      <Field label={t("purpose.reason")}>
        {(wired) => (
          <input
            {...wired}
            required
            autofocus
            maxLength={200}
            placeholder={t("purpose.example.patrol")}
            value={draft.reason}
            onInput={(event) => change({ reason: event.currentTarget.value })}
          />
        )}
      </Field>
      <Pick chosen={draft.cameras} change={(cameras) => change({ cameras })} />
      <div class="row">
        <button type="submit" class="primary" disabled={busy || draft.cameras.length === 0 || draft.reason.trim() === ""}>
          {t("patrol.start.n", { n: draft.cameras.length })}
        </button>
        <button type="button" onClick={() => setOpen(false)}>
          {t("cancel")}
        </button>
      </div>
    </form>
  );
}
