import { signal } from "@preact/signals";
import { t } from "../i18n";
import { Icon } from "./icon";

interface Said {
  id: number;
  text: string;
  tone: "plain" | "ok" | "bad";
  undo: (() => void) | undefined;
  timer: ReturnType<typeof setTimeout> | undefined;
}

const STAY_MS = 6_000;
/** One that can be undone, or that says what failed, stays long enough to be read and reached. */
const STAY_LONG_MS = 12_000;
const MOST = 3;

const said = signal<readonly Said[]>([]);
let serial = 0;

interface Options {
  tone?: Said["tone"];
  /** Takes back what was done; the toast shows a button for it. */
  undo?: () => void;
}

/** Tells in one line that something was done or failed, without taking the focus. */
export function toast(text: string, { tone = "plain", undo }: Options = {}): void {
  serial += 1;
  const one: Said = { id: serial, text, tone, undo, timer: undefined };
  one.timer = setTimeout(() => forget(one.id), undo || tone === "bad" ? STAY_LONG_MS : STAY_MS);
  said.value = [...said.value, one].slice(-MOST);
}

/** Takes back the newest that can be; false when there is none. */
export function undoLast(): boolean {
  const newest = said.value.filter((one) => one.undo !== undefined).pop();
  if (!newest) return false;
  forget(newest.id);
  newest.undo?.();
  return true;
}

function forget(id: number): void {
  clearTimeout(said.value.find((one) => one.id === id)?.timer);
  said.value = said.value.filter((one) => one.id !== id);
}

/** Where toasts appear: once, at the root of the page. */
export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {said.value.map((one) => (
        <div key={one.id} class={`toast toast-${one.tone}`}>
          {one.tone !== "plain" && <Icon name={one.tone === "ok" ? "check" : "warning"} />}
          <span>{one.text}</span>
          {one.undo && (
            <button
              type="button"
              onClick={() => {
                forget(one.id);
                one.undo?.();
              }}
            >
              {t("undo")}
            </button>
          )}
          <button type="button" class="quiet icon-button" aria-label={t("close")} onClick={() => forget(one.id)}>
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
}
