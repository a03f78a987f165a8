import { t } from "../../../i18n";

/** The camera book (一机一档): a file in, looked at row by row before anything is written, and the same file out. */
export function Book() {
  return (
    <section class="book">
      <h1>{t("book.title")}</h1>
    </section>
  );
}
