import { t } from "../../../i18n";
import { go, href, route } from "../../../store/route";
import { Lazy } from "../../../ui/lazy";
import { Segments } from "../../../ui/tabs";
import type { StepProps } from "../steps";
import { PARTS } from "./parts";

/** When it happened: each way to find it is a part of its own. */
export function Moment({ of, again }: StepProps) {
  const part = PARTS.find((one) => one.name === route.value.path[2]) ?? PARTS[0]!;
  return (
    <div class="moment">
      {PARTS.length > 1 && (
        <Segments
          label={t("moment.parts")}
          value={part.name}
          options={PARTS.map((one) => ({ value: one.name, label: t(one.label) }))}
          onChange={(name) => go(href("cases", undefined, of.id, "moment", name))}
        />
      )}
      <Lazy key={part.name} load={part.load} props={{ of, again }} />
    </div>
  );
}
