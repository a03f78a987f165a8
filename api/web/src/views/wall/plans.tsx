import { useState } from "preact/hooks";
import type { ActivityPlan, RotationPlan } from "../../api/walls";
import { t } from "../../i18n";
import { places } from "../../store/cameras";
import { activity, body, DWELL_S, fixed, HOLD_S, layout, rotation, roundOf, watchable } from "../../store/wall";
import { sizeOf } from "../../store/layouts";
import { Dialog } from "../../ui/dialog";
import { Icon } from "../../ui/icon";
import { Segments } from "../../ui/tabs";
import { Places } from "./places";

export type Rule = "rotation" | "activity";

/** By what rule the tiles are filled that nobody filled by hand; `ask` opens the form of one. */
export function Plans({ ask }: { ask: (rule: Rule) => void }) {
  const rule: Rule | "hand" = rotation.value ? "rotation" : activity.value ? "activity" : "hand";
  return (
    <>
      <Segments
        label={t("wall.rule")}
        value={rule}
        options={[
          { value: "hand", label: t("wall.hand") },
          { value: "rotation", label: t("wall.rotation") },
          { value: "activity", label: t("wall.activity") },
        ]}
        onChange={(to) => {
          if (to === "hand") rotation.value = activity.value = null;
          else ask(to);
        }}
      />
      {rule !== "hand" && (
        <button type="button" class="quiet icon-button" aria-label={t("wall.rule.change")} title={t("wall.rule.change")} onClick={() => ask(rule)}>
          <Icon name="filter" />
        </button>
      )}
    </>
  );
}

/** What a rule is asked before it begins, or is changed by. */
export const PlanForm = ({ rule, onClose }: { rule: Rule; onClose: () => void }) =>
  rule === "rotation" ? <RotationForm onClose={onClose} /> : <ActivityForm onClose={onClose} />;

/** Rotation and activity fill free tiles; a full wall has none, so what stands makes room, or is what goes round. */
function makeRoom(): void {
  if (body.peek().tiles.every((one) => one !== null)) fixed.value = [];
}

function RotationForm({ onClose }: { onClose: () => void }) {
  const was = rotation.value;
  const onWall = fixed.value.filter((one) => one !== null);
  const [prefix, setPrefix] = useState<string | null>(was ? was.prefix : (countyCodes()[0] ?? null));
  const [dwell, setDwell] = useState(was?.dwell_s ?? DWELL_S);
  const cameras = was?.cameras.length ? was.cameras : onWall;
  const plan: RotationPlan = prefix === null ? { cameras, prefix: null, dwell_s: dwell } : { cameras: [], prefix, dwell_s: dwell };
  const count = prefix === null ? cameras.length : roundOf(plan).length;
  return (
    <Dialog label={t("wall.rotation")} onClose={onClose}>
      <form
        class="subform"
        onSubmit={(event) => {
          event.preventDefault();
          if (prefix === null && was === null) fixed.value = [];
          makeRoom();
          activity.value = null;
          rotation.value = plan;
          onClose();
        }}
      >
        <p class="muted">{t("wall.rotation.hint")}</p>
        {cameras.length > 1 && (
          <Segments
            label={t("wall.rotation.which")}
            value={prefix === null ? "wall" : "place"}
            options={[
              { value: "place", label: t("wall.rotation.place") },
              { value: "wall", label: t("wall.rotation.wall", { n: cameras.length }) },
            ]}
            onChange={(to) => setPrefix(to === "wall" ? null : (countyCodes()[0] ?? null))}
          />
        )}
        {prefix !== null && <PlaceSelect value={prefix} onChange={setPrefix} />}
        <Seconds label={t("wall.dwell")} value={dwell} least={5} most={600} onChange={setDwell} />
        <p class="small" role="status">
          {t("wall.rotation.makes", { n: count, pages: Math.ceil(count / Math.max(1, free())), dwell })}
        </p>
        <div class="row">
          <button type="submit" class="primary" disabled={count === 0}>
            {t("wall.rotation.start")}
          </button>
          <button type="button" onClick={onClose}>
            {t("cancel")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}

const free = (): number => body.value.tiles.filter((one) => one === null).length || sizeOf(layout.value);

const countyCodes = (): string[] => [...new Set(watchable.value.map((one) => one.village_code.slice(0, 6)))].sort();

/** How deep a place stands in the list, by the length of its code. */
const DEPTHS: Record<number, number> = { 6: 0, 9: 1, 12: 2 };

function PlaceSelect({ value, onChange }: { value: string; onChange: (code: string) => void }) {
  const counties = countyCodes();
  const codes = new Set(watchable.value.flatMap(({ village_code: code }) => [code.slice(0, 6), code.slice(0, 9), code]));
  const names = new Map(watchable.value.map((one) => [one.village_code, one.village_name]));
  const name = (code: string): string => names.get(code) ?? places.value.get(code)?.name ?? code;
  return (
    <label class="field">
      <span>{t("wall.place")}</span>
      <select value={value} onChange={(event) => onChange(event.currentTarget.value)}>
        {[...codes].sort().map((code) => (
          <option key={code} value={code}>
            {code.length === 6 && counties.length === 1 ? t("wall.place.all") : `${"　".repeat(DEPTHS[code.length] ?? 0)}${name(code)}`}
          </option>
        ))}
      </select>
    </label>
  );
}

interface SecondsProps {
  label: string;
  value: number;
  least: number;
  most: number;
  onChange: (value: number) => void;
}

const Seconds = ({ label, value, least, most, onChange }: SecondsProps) => (
  <label class="field">
    <span>{label}</span>
    <input
      type="number"
      required
      min={least}
      max={most}
      value={value}
      onInput={(event) => {
        const typed = event.currentTarget.valueAsNumber;
        if (Number.isInteger(typed)) onChange(typed);
      }}
    />
  </label>
);

function ActivityForm({ onClose }: { onClose: () => void }) {
  const was = activity.value;
  const [prefixes, setPrefixes] = useState<readonly string[]>(was?.prefixes ?? []);
  const [hold, setHold] = useState(was?.hold_s ?? HOLD_S);
  return (
    <Dialog label={t("wall.activity")} onClose={onClose}>
      <form
        class="subform"
        onSubmit={(event) => {
          event.preventDefault();
          makeRoom();
          rotation.value = null;
          const plan: ActivityPlan = { prefixes: [...prefixes], cameras: was?.cameras ?? [], hold_s: hold };
          activity.value = plan;
          onClose();
        }}
      >
        <p class="muted">{t("wall.activity.hint")}</p>
        <Places chosen={prefixes} onChange={setPrefixes} />
        <Seconds label={t("wall.hold")} value={hold} least={5} most={600} onChange={setHold} />
        <div class="row">
          <button type="submit" class="primary">
            {t("wall.activity.start")}
          </button>
          <button type="button" onClick={onClose}>
            {t("cancel")}
          </button>
        </div>
      </form>
    </Dialog>
  );
}
