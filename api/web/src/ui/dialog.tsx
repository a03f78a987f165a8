import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../i18n";

interface Props {
  label: string;
  onClose: () => void;
  wide?: boolean;
  children: ComponentChildren;
  onKeyDown?: (event: JSX.TargetedKeyboardEvent<HTMLDialogElement>) => void;
}

/** A modal on the browser's own `<dialog>`: focus stays inside, Esc and a click beside it close it. */
export function Dialog({ label, onClose, wide = false, children, onKeyDown }: Props) {
  const box = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const dialog = box.current;
    dialog?.showModal();
    // Else the close button takes the focus, and a ring, before anybody used the keyboard.
    if (!dialog?.querySelector("[autofocus]")) dialog?.focus();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={box}
      tabIndex={-1}
      class={wide ? "dialog dialog-wide" : "dialog"}
      aria-label={label}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onMouseDown={(event) => {
        if (event.target === box.current) onClose();
      }}
      onKeyDown={onKeyDown}
    >
      <div class="dialog-head">
        <h2>{label}</h2>
        <button type="button" class="quiet" onClick={onClose} aria-label={t("close")}>
          <Cross />
        </button>
      </div>
      <div class="dialog-body">{children}</div>
    </dialog>
  );
}

const Cross = () => (
  <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
    <path d="M3.5 3.5l9 9m0-9l-9 9" />
  </svg>
);
