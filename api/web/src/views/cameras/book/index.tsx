import { t } from "../../../i18n";
import { current } from "../../../store/book";
import { href } from "../../../store/route";
import "../../../styles/book.css";
import { Icon } from "../../../ui/icon";
import { Chooser } from "./chooser";
import { Exports } from "./exports";
import { Result } from "./result";

/** The camera book (一机一档): a file in, looked at row by row before anything is written, and the same file out. */
export function Book() {
  const now = current.value;
  return (
    <section class="book" aria-label={t("book.title")}>
      <div class="row">
        <a class="button quiet icon-button" href={href("cameras")} aria-label={t("one.back")} title={t("one.back")}>
          <Icon name="left" />
        </a>
        <h1>{t("book.title")}</h1>
      </div>
      <div class="book-parts">
        <section class="panel" aria-labelledby="book-in">
          <h2 id="book-in">{t("book.in")}</h2>
          <p class="muted">{t("book.in.how")}</p>
          {now.at === "planned" || now.at === "applying" || now.at === "applied" ? <Result now={now} /> : <Chooser now={now} />}
        </section>
        <section class="panel book-out" aria-labelledby="book-out">
          <h2 id="book-out">{t("book.out")}</h2>
          <Exports />
        </section>
      </div>
    </section>
  );
}
