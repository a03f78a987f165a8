import type { ComponentChildren, JSX } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { t } from "../i18n";
import { Icon } from "./icon";

interface Props {
  label: string;
  onClose: () => void;
  wide?: boolean;
  /** It shows what is shown once: a password, a link, a secret. */
  once?: boolean;
  children: ComponentChildren;
  onKeyDown?: (event: JSX.TargetedKeyboardEvent<HTMLDialogElement>) => void;
}

/**
 * A modal on the browser's own `<dialog>`: focus stays inside, Esc and a click beside it close it; not the click where something would
 * be lost: a form in it is filled in, or it shows what is shown once.
 */
export function Dialog({ label, onClose, wide = false, once = false, children, onKeyDown }: Props) {
  const box = useRef<HTMLDialogElement>(null);
  const filled = useRef(false);
  useLayoutEffect(() => {
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
      onClose={() => {
        // The browser may close it by itself, unasked, where nobody has pressed anything since it opened.
        if (box.current) onClose();
      }}
      onMouseDown={(event) => {
        if (event.target === box.current && !filled.current && !once) onClose();
      }}
      onInput={(event) => {
        if (event.target instanceof Element && event.target.closest("form")) filled.current = true;
      }}
      onKeyDown={onKeyDown}
    >
      <div class="dialog-head">
        <h2>{label}</h2>
        <button type="button" class="quiet icon-button" onClick={onClose} aria-label={t("close")}>
          <Icon name="close" />
        </button>
      </div>
      <div class="dialog-body">{children}</div>
    </dialog>
  );
}
