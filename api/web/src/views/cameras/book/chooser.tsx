import type { JSX } from "preact";
import { useRef, useState } from "preact/hooks";
import { FILE_BYTES } from "../../../api/book";
import { problemText, t } from "../../../i18n";
import { forget, type Import, send } from "../../../store/book";
import { Icon } from "../../../ui/icon";
import { Working } from "./working";

type Before = Extract<Import, { at: "none" | "planning" | "refused" }>;

/** Where a file is dropped or chosen, and how far the hub is with it. */
export function Chooser({ now }: { now: Before }) {
  const [over, setOver] = useState(false);
  const [wrong, setWrong] = useState("");
  const input = useRef<HTMLInputElement>(null);

  function take(file: File | undefined): void {
    setOver(false);
    if (!file) return;
    const large = file.size > FILE_BYTES;
    setWrong(large ? t("problem.book_too_large", { mb: FILE_BYTES >> 20 }) : file.size === 0 ? t("problem.book_empty") : "");
    if (!large && file.size > 0) void send(file);
  }

  function onDrop(event: JSX.TargetedDragEvent<HTMLElement>): void {
    event.preventDefault();
    take(event.dataTransfer?.files[0]);
  }

  if (now.at === "planning") return <Working file={now.file} step={now.step} onCancel={forget} />;
  return (
    <>
      <div
        class={over ? "drop drop-over" : "drop"}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={onDrop}
      >
        <Icon name="export" />
        <p>{t("book.drop")}</p>
        <button type="button" class="primary" onClick={() => input.current?.click()}>
          {t("book.choose")}
        </button>
        <input
          ref={input}
          type="file"
          class="drop-input"
          tabIndex={-1}
          aria-label={t("book.choose")}
          accept=".xlsx,.xls,.csv,.et,.txt"
          onChange={(event) => {
            take(event.currentTarget.files?.[0]);
            event.currentTarget.value = ""; // the same file again, corrected, is a change too
          }}
        />
        <p class="muted small">{t("book.limits")}</p>
      </div>
      {wrong && (
        <p class="error" role="alert">
          {wrong}
        </p>
      )}
      {!wrong && now.at === "refused" && (
        <div class="notice notice-bad" role="alert">
          <strong>{t("book.refused", { file: now.file })}</strong>
          <div class="notice-text">{problemText(now.problem)}</div>
        </div>
      )}
    </>
  );
}
