/**
 * The keyboard: one listener, and layers of bindings that parts of the page lay over each other while they are shown. Keys
 * typed into a field are the field's, save Escape; a modal layer hides those beneath.
 */

import { signal } from "@preact/signals";
import { useLayoutEffect, useRef } from "preact/hooks";

export interface Binding {
  /** As `KeyboardEvent.key` in lower case, or two in turn: "j", "arrowdown", "?", "g e", "shift+x". */
  keys: readonly string[];
  /** What it does, in words, for the sheet; not listed without. */
  label?: string;
  /** Whether it acts now; a key that does not is the next layer's, or the browser's. */
  when?: (event: KeyboardEvent) => boolean;
  run: (event: KeyboardEvent) => void;
}

interface Layer {
  title: string;
  bindings: readonly Binding[];
  modal: boolean;
}

const layers = signal<readonly { current: Layer }[]>([]);
/** How long the first key of two waits for the second. */
const PATIENCE_MS = 1_200;
let first = "";
let timer: ReturnType<typeof setTimeout> | undefined;

/** What the keys do now, the newest layer first. */
export const shownLayers = (): readonly Layer[] => active();

function active(): Layer[] {
  const all = layers.value.map((one) => one.current);
  const modal = all.map((one) => one.modal).lastIndexOf(true);
  return all.slice(Math.max(0, modal)).reverse();
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement) return !["checkbox", "radio", "button"].includes(target.type);
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement || target.isContentEditable;
}

/** The key as bindings name it. Shift is said only with keys that have no other face when shifted. */
function nameOf(event: KeyboardEvent): string {
  const key = event.key.toLowerCase();
  return event.shiftKey && (/^[a-z]$/.test(key) || key.length > 1) ? `shift+${key}` : key;
}

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (isTyping(event.target) && event.key !== "Escape") return;
  // The space bar presses what has the focus.
  if (event.key === " " && event.target instanceof HTMLElement && event.target.matches("button, a, summary, input")) return;
  // A dialog that laid no layer of its own keeps its keys to itself.
  const dialog = document.querySelector("dialog[open]");
  const now = active();
  if (dialog && !now.some((one) => one.modal)) return;
  const key = nameOf(event);
  const both = first === "" ? "" : `${first} ${key}`;
  clearTimeout(timer);
  first = "";
  for (const layer of now) {
    for (const one of layer.bindings) {
      if ((one.keys.includes(both) || (both === "" && one.keys.includes(key))) && (one.when?.(event) ?? true)) {
        event.preventDefault();
        one.run(event);
        return;
      }
    }
  }
  if (both === "" && now.some((layer) => layer.bindings.some((one) => one.keys.some((keys) => keys.startsWith(`${key} `))))) {
    first = key;
    timer = setTimeout(() => {
      first = "";
    }, PATIENCE_MS);
  }
}

document.addEventListener("keydown", onKey);

/** Lays the bindings over the page while the component is shown; `title` heads them in the sheet. */
export function useKeys(title: string, bindings: readonly Binding[], modal = false): void {
  const layer = useRef<Layer>({ title, bindings, modal });
  layer.current = { title, bindings, modal };
  // Before the part is painted: who sees it may press at once.
  useLayoutEffect(() => {
    layers.value = [...layers.peek(), layer];
    return () => {
      layers.value = layers.peek().filter((one) => one !== layer);
    };
  }, []);
}
