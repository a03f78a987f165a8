/** What the parts of the filter sentence are made of. */

import type { ComponentChildren } from "preact";
import { useLayoutEffect, useState } from "preact/hooks";
import type { Filters } from "../../store/filters";
import { Field } from "../../ui/field";
import { Icon } from "../../ui/icon";
import { Popover } from "../../ui/popover";

export interface Part {
  f: Filters;
  set: (change: Partial<Filters>) => void;
}

interface SlotProps {
  /** What this part asks. */
  label: string;
  /** What it says now. */
  text: string;
  /** It narrows the list. */
  active: boolean;
  name: string;
  children: (close: () => void) => ComponentChildren;
}

/** One gap of the sentence: what is chosen, and on a click what can be. */
export const Slot = ({ label, text, active, name, children }: SlotProps) => (
  <Popover
    label={label}
    buttonClass={`slot-button slot-${name}${active ? " slot-active" : ""}`}
    buttonLabel={`${label}: ${text}`}
    button={
      <>
        <span>{text}</span>
        <Icon name="down" />
      </>
    }
  >
    {children}
  </Popover>
);

interface ChoicesProps<T extends string> {
  label: string;
  values: readonly T[];
  chosen: readonly string[];
  word: (value: T) => string;
  onChange: (values: string[]) => void;
}

/** Several of a few, as chips. */
export const Choices = <T extends string>({ label, values, chosen, word, onChange }: ChoicesProps<T>) => (
  <fieldset class="choose">
    <legend>{label}</legend>
    <div class="chips">
      {values.map((one) => (
        <button
          key={one}
          type="button"
          class="chip"
          aria-pressed={chosen.includes(one)}
          onClick={() => onChange(chosen.includes(one) ? chosen.filter((other) => other !== one) : [...chosen, one])}
        >
          {word(one)}
        </button>
      ))}
    </div>
  </fieldset>
);

interface TextProps {
  label: string;
  value: string;
  set: (text: string) => void;
  right: (text: string) => boolean;
  hint: string;
  placeholder: string;
}

/** A text that counts when one leaves the field or presses Enter; what cannot be read is marked and not sent. */
export function Typed({ label, value, set, right, hint, placeholder }: TextProps) {
  const [text, setText] = useState(value);
  // Before anybody can type: an effect that comes later would take away what was typed already.
  useLayoutEffect(() => setText(value), [value]);
  const wrong = !right(text.trim());
  const take = (): void => {
    if (!wrong && text.trim() !== value) set(text.trim());
  };
  return (
    <Field label={label} error={wrong ? hint : null}>
      {(wired) => (
        <input
          {...wired}
          value={text}
          maxLength={40}
          placeholder={placeholder}
          spellcheck={false}
          autocomplete="off"
          onInput={(event) => setText(event.currentTarget.value)}
          onBlur={take}
          onKeyDown={(event) => {
            if (event.key === "Enter") take();
          }}
        />
      )}
    </Field>
  );
}
