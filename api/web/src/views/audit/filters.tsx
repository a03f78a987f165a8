import { useLayoutEffect, useState } from "preact/hooks";
import { SORTS } from "../../api/audit";
import { t, word } from "../../i18n";
import type { Asked, Part } from "../../store/audit";
import { cameras } from "../../store/cameras";
import { Field } from "../../ui/field";
import { Toolbar } from "../../ui/toolbar";

interface Props {
  part: Part;
  what: Asked;
  onChange: (change: Partial<Asked>) => void;
}

const LONGEST = 64;

/** Days, person, camera and, of single rows, what sort of look. All of it stands in the address. */
export function Filters({ part, what, onChange }: Props) {
  return (
    <Toolbar label={t("audit.filters")}>
      <Field label={t("audit.from")}>
        {(wired) => <input {...wired} type="date" value={what.from} onChange={(event) => onChange({ from: event.currentTarget.value })} />}
      </Field>
      <Field label={t("audit.to")}>
        {(wired) => <input {...wired} type="date" value={what.to} onChange={(event) => onChange({ to: event.currentTarget.value })} />}
      </Field>
      <Field label={t("audit.user")}>
        {(wired) => <Typed wired={wired} value={what.user} onDone={(user) => onChange({ user, ...(part === "looks" && user ? { camera: "" } : {}) })} />}
      </Field>
      {part !== "misuse" && <CameraField what={what} onDone={(camera) => onChange({ camera, ...(part === "looks" && camera ? { user: "" } : {}) })} />}
      {part === "rows" && (
        <>
          <Field label={t("audit.sort")}>
            {(wired) => (
              <select {...wired} value={what.sort} onChange={(event) => onChange({ sort: SORTS.find((one) => one === event.currentTarget.value) ?? "" })}>
                <option value="">{t("audit.sort.all")}</option>
                {SORTS.map((one) => (
                  <option key={one} value={one}>
                    {word("look", one)}
                  </option>
                ))}
              </select>
            )}
          </Field>
          <Field label={t("audit.case")}>{(wired) => <Typed wired={wired} value={what.case} onDone={(number) => onChange({ case: number })} />}</Field>
          <label class="audit-check">
            <input type="checkbox" checked={what.vain} onChange={(event) => onChange({ vain: event.currentTarget.checked })} /> {t("audit.vain")}
          </label>
        </>
      )}
    </Toolbar>
  );
}

interface TypedProps {
  wired: object;
  value: string;
  list?: string;
  onDone: (value: string) => void;
}

/** Text that counts when one is done with it: every asking is a row of the register itself. */
function Typed({ wired, value, list, onDone }: TypedProps) {
  const [text, setText] = useState(value);
  // Before anybody can type: an effect that comes later would take away what was typed already.
  useLayoutEffect(() => setText(value), [value]);
  return (
    <input
      {...wired}
      type="search"
      maxLength={LONGEST}
      value={text}
      {...(list ? { list } : {})}
      onInput={(event) => setText(event.currentTarget.value)}
      onChange={(event) => onDone(event.currentTarget.value.trim())}
      onKeyDown={(event) => event.key === "Enter" && onDone(event.currentTarget.value.trim())}
    />
  );
}

/** A camera by its name, of those one may see; a link may name any other. */
function CameraField({ what, onDone }: { what: Asked; onDone: (id: string) => void }) {
  const known = cameras.value ?? [];
  const name = known.find((one) => one.id === what.camera)?.name ?? what.camera;
  const [unknown, setUnknown] = useState(false);
  function done(text: string): void {
    const found = known.find((one) => one.name === text || one.id === text);
    setUnknown(text !== "" && !found);
    if (found || text === "") onDone(found?.id ?? "");
  }
  return (
    <Field label={t("audit.camera")} error={unknown ? t("audit.camera.unknown") : null}>
      {(wired) => (
        <>
          <Typed wired={wired} value={name} list="audit-cameras" onDone={done} />
          <datalist id="audit-cameras">
            {known.map((one) => (
              <option key={one.id} value={one.name} />
            ))}
          </datalist>
        </>
      )}
    </Field>
  );
}
