import { useState } from "preact/hooks";
import { bookFile, type BookForm } from "../../../api/book";
import type { Problem } from "../../../api/client";
import { t } from "../../../i18n";
import { settle } from "../../../store/session";
import { language } from "../../../store/settings";
import { Wrong } from "../../../ui/formend";
import { Icon } from "../../../ui/icon";
import { Progress } from "../../../ui/progress";
import { save } from "../../../ui/save";

const today = (): string => new Date().toLocaleDateString("sv-SE", { timeZone: "Asia/Shanghai" }).replaceAll("-", "");

/** The book out: of all cameras one may see, or an empty one to fill in. */
export function Exports() {
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState<Problem | null>(null);

  async function take(form: BookForm, empty: boolean): Promise<void> {
    setBusy(true);
    setFailed(null);
    try {
      const blob = await bookFile(form, language.value, empty);
      save(blob, `${empty ? t("book.file.template") : `${t("book.file")}-${today()}`}.${form}`);
    } catch (err) {
      setFailed(settle(err));
    }
    setBusy(false);
  }

  return (
    <>
      <p class="muted">{t("book.out.how")}</p>
      <div class="book-files">
        <button type="button" disabled={busy} onClick={() => void take("xlsx", false)}>
          <Icon name="export" /> {t("book.out.xlsx")}
        </button>
        <button type="button" disabled={busy} onClick={() => void take("csv", false)}>
          <Icon name="export" /> {t("book.out.csv")}
        </button>
        <button type="button" class="quiet" disabled={busy} onClick={() => void take("xlsx", true)}>
          <Icon name="note" /> {t("book.out.template")}
        </button>
      </div>
      {busy && <Progress label={t("book.out.busy")} />}
      <Wrong problem={failed} />
    </>
  );
}
