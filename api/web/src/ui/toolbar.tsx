import type { ComponentChildren } from "preact";

/** A row of controls over what they act on; what follows a `<span class="grow" />` stands at the right. */
export const Toolbar = ({ label, children }: { label: string; children: ComponentChildren }) => (
  <div class="toolbar" role="group" aria-label={label}>
    {children}
  </div>
);
