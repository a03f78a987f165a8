import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { t } from "../i18n";
import { Icon } from "./icon";

interface Props {
  label: string;
  onClose: () => void;
  /** Buttons beside the title. */
  actions?: ComponentChildren;
  children: ComponentChildren;
}

/**
 * One thing beside the list it comes from: the list stays usable. Esc closes it; on a phone it covers the page. Put it
 * as the last child of an element with class `beside`, which makes the room.
 */
export function SidePanel({ label, onClose, actions, children }: Props) {
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    const before = document.activeElement;
    title.current?.focus({ preventScroll: true });
    return () => {
      if (before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, []);
  return (
    <aside
      class="side"
      aria-label={label}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || event.defaultPrevented) return;
        event.stopPropagation();
        onClose();
      }}
    >
      <div class="side-head">
        <h2 ref={title} tabIndex={-1}>
          {label}
        </h2>
        {actions}
        <button type="button" class="quiet icon-button" aria-label={t("close")} onClick={onClose}>
          <Icon name="close" />
        </button>
      </div>
      <div class="side-body">{children}</div>
    </aside>
  );
}
