import { useState } from "preact/hooks";
import type { Problem } from "../../api/client";
import { freeGbId } from "../../api/register";
import { t } from "../../i18n";
import { settle } from "../../store/session";
import { Wrong } from "../../ui/formend";
import { TextField, type FormProps } from "./fields";

/** The GB/T 28181 code: kept as the camera has it, or the next free one made. */
export function CodeField(props: FormProps) {
  const { form, change } = props;
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  async function make(): Promise<void> {
    setBusy(true);
    setProblem(null);
    try {
      change({ gb_id: await freeGbId(form.village_code, form.kind) });
    } catch (err) {
      setProblem(settle(err));
    }
    setBusy(false);
  }
  return (
    <div class="code-field">
      <div class="fields">
        <TextField {...props} name="gb_id" optional mode="numeric" hint={parts(form.gb_id.trim()) ?? t("field.gb_id.hint")} />
      </div>
      <div class="row">
        <button type="button" disabled={busy || form.village_code === ""} onClick={() => void make()}>
          {t("gb.make")}
        </button>
        {form.village_code === "" && <span class="muted small">{t("gb.village")}</span>}
      </div>
      <Wrong problem={problem} />
    </div>
  );
}

/** A code taken apart as GB/T 28181 appendix D has it, for reading along. */
function parts(code: string): string | null {
  const found = /^(\d{8})(\d{2})(\d{3})(\d)(\d{6})$/.exec(code);
  if (!found) return null;
  const [centre, industry, type, network, serial] = found.slice(1) as [string, string, string, string, string];
  return t("gb.parts", { centre, industry, type, network, serial });
}
