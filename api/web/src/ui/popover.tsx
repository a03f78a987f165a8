import type { ComponentChildren, JSX } from "preact";
import { useEffect, useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { Icon } from "./icon";

const FOCUSABLE = "button:not(:disabled),input:not(:disabled),select,textarea,a[href],[tabindex='0']";

interface PopoverProps {
  /** The name of what opens, for those who do not see it. */
  label: string;
  /** What the button shows. */
  button: ComponentChildren;
  buttonClass?: string;
  /** The button's name where what it shows is an icon alone. */
  buttonLabel?: string;
  role?: "dialog" | "menu";
  children: (close: () => void) => ComponentChildren;
  onClose?: () => void;
}

/**
 * A button and a small panel under it, kept inside the window; on a phone it comes up from the lower edge. Esc, a
 * press beside it and leaving it by Tab close it; the focus goes in when it opens and back when it closes.
 */
export function Popover({ label, button, buttonClass, buttonLabel, role = "dialog", children, onClose }: PopoverProps) {
  const [open, setOpen] = useState(false);
  const whole = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const panel = useRef<HTMLDivElement>(null);
  const id = useId();

  function close(back = true): void {
    setOpen(false);
    if (back) opener.current?.focus();
    onClose?.();
  }

  useEffect(() => {
    if (!open) return undefined;
    const beside = (event: PointerEvent): void => {
      if (!whole.current?.contains(event.target as Node)) close(false);
    };
    document.addEventListener("pointerdown", beside, true);
    return () => document.removeEventListener("pointerdown", beside, true);
  }, [open]);

  useLayoutEffect(() => {
    const box = panel.current;
    if (!open || !box) return;
    const at = box.getBoundingClientRect();
    box.classList.toggle("popover-end", at.right > innerWidth - 8);
    box.classList.toggle("popover-up", at.bottom > innerHeight - 8 && at.top - at.height > 60);
    const first = box.querySelector<HTMLElement>("[autofocus]") ?? box.querySelector<HTMLElement>(FOCUSABLE);
    (first ?? box).focus({ preventScroll: true });
  }, [open]);

  return (
    <div
      class="popover-whole"
      ref={whole}
      onFocusOut={(event) => {
        const to = event.relatedTarget as Node | null;
        if (open && to !== null && !whole.current?.contains(to)) close(false);
      }}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || !open) return;
        event.stopPropagation();
        event.preventDefault();
        close();
      }}
    >
      <button
        ref={opener}
        type="button"
        class={buttonClass}
        aria-label={buttonLabel}
        aria-haspopup={role}
        aria-expanded={open}
        aria-controls={open ? id : undefined}
        onClick={() => (open ? close() : setOpen(true))}
      >
        {button}
      </button>
      {open && (
        <div id={id} ref={panel} class="popover" role={role} aria-label={label} tabIndex={-1}>
          {children(close)}
        </div>
      )}
    </div>
  );
}

export interface MenuItem {
  label: string;
  run: () => void;
  disabled?: boolean;
  danger?: boolean;
  /** A key that does the same, or what a disabled one waits for. */
  hint?: string;
}

interface MenuProps {
  label: string;
  button?: ComponentChildren;
  buttonClass?: string;
  items: readonly MenuItem[];
}

/** What one can do with a thing, behind one button; up and down go through it. */
export function Menu({ label, button = <Icon name="more" />, buttonClass = "quiet icon-button", items }: MenuProps) {
  function walk(event: JSX.TargetedKeyboardEvent<HTMLDivElement>): void {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const all = [...event.currentTarget.querySelectorAll<HTMLButtonElement>("button:not(:disabled)")];
    const at = all.findIndex((one) => one === document.activeElement);
    all.at((at + step) % all.length)?.focus();
  }
  return (
    <Popover label={label} button={button} buttonClass={buttonClass} buttonLabel={label} role="menu">
      {(close) => (
        <div class="menu-items" role="presentation" onKeyDown={walk}>
          {items.map((one) => (
            <button
              key={one.label}
              type="button"
              role="menuitem"
              class={one.danger ? "menu-item danger" : "menu-item"}
              disabled={one.disabled}
              onClick={() => {
                close();
                one.run();
              }}
            >
              {one.label}
              {one.hint && <kbd>{one.hint}</kbd>}
            </button>
          ))}
        </div>
      )}
    </Popover>
  );
}
