import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

/** What the control takes so that label, hint and error belong to it. */
export interface Wired {
  id: string;
  "aria-describedby": string | undefined;
  "aria-invalid": boolean;
}

interface Props {
  label: string;
  /** What is wrong with the value, in words; the control is marked. */
  error?: string | null | undefined;
  hint?: ComponentChildren;
  /** Marks the label of what may be left empty. */
  optional?: string;
  children: (wired: Wired) => ComponentChildren;
}

/** One labelled control: `<Field label={…} error={…}>{(wired) => <input {...wired} …/>}</Field>`. */
export function Field({ label, error, hint, optional, children }: Props) {
  const id = useId();
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  return (
    <div class={error ? "field field-wrong" : "field"}>
      <label for={id}>
        {label}
        {optional && <span class="field-optional"> {optional}</span>}
      </label>
      {children({ id, "aria-describedby": described || undefined, "aria-invalid": Boolean(error) })}
      {hint && (
        <p id={`${id}-hint`} class="field-hint">
          {hint}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} class="field-error" role="alert">
          {error}
        </p>
      )}
    </div>
  );
}
