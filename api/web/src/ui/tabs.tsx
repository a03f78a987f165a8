import type { ComponentChildren, JSX } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";

interface Option<T extends string> {
  value: T;
  label: ComponentChildren;
  /** A number beside the label: how many are behind it. */
  count?: number;
}

interface TabsProps<T extends string> {
  /** What the tabs divide, for those who do not see them. */
  label: string;
  value: T;
  options: readonly Option<T>[];
  onChange: (value: T) => void;
  /** The part shown for the value. */
  children?: ComponentChildren;
}

/** Parts of one thing, one at a time; left and right go through them. */
export function Tabs<T extends string>({ label, value, options, onChange, children }: TabsProps<T>) {
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  // On a phone the tabs may be wider than the window: the one that is open is in sight.
  useLayoutEffect(() => {
    const box = list.current;
    const tab = box?.querySelector<HTMLElement>("[aria-selected=true]");
    if (!box || !tab) return;
    const hidden = Math.max(0, tab.offsetLeft - box.offsetLeft + tab.offsetWidth - box.clientWidth - box.scrollLeft);
    box.scrollLeft = Math.min(box.scrollLeft + hidden, tab.offsetLeft - box.offsetLeft);
  }, [value]);
  function walk(event: JSX.TargetedKeyboardEvent<HTMLDivElement>): void {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const at = options.findIndex((one) => one.value === value);
    const to = (at + step + options.length) % options.length;
    onChange(options[to]!.value);
    list.current?.querySelectorAll("button")[to]?.focus();
  }
  return (
    <div class="tabs-whole">
      <div ref={list} class="tabs" role="tablist" aria-label={label} onKeyDown={walk}>
        {options.map((one) => (
          <button
            key={one.value}
            id={`${id}-${one.value}`}
            type="button"
            role="tab"
            tabIndex={one.value === value ? 0 : -1}
            aria-selected={one.value === value}
            onClick={(event) => {
              // Arrows are the tabs' for who came by the keyboard; after a press they are what the tab shows.
              if (event.detail > 0) event.currentTarget.blur();
              onChange(one.value);
            }}
          >
            {one.label}
            {one.count !== undefined && <span class="tab-count">{one.count}</span>}
          </button>
        ))}
      </div>
      {children !== undefined && (
        <div class="tab-panel" role="tabpanel" aria-labelledby={`${id}-${value}`}>
          {children}
        </div>
      )}
    </div>
  );
}

/** A choice among two to five that are seen at once: how a list is shown, for whom a thing counts. */
export function Segments<T extends string>({ label, value, options, onChange }: Omit<TabsProps<T>, "children">) {
  const name = useId();
  return (
    <div class="segments" role="radiogroup" aria-label={label}>
      {options.map((one) => (
        <label key={one.value}>
          <input type="radio" name={name} value={one.value} checked={one.value === value} onChange={() => onChange(one.value)} />
          <span>{one.label}</span>
        </label>
      ))}
    </div>
  );
}
