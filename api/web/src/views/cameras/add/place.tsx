import { t } from "../../../i18n";
import { PlaceFields } from "../place";
import type { PartProps } from ".";

export function PlacePart({ draft, change, wrong }: PartProps) {
  return (
    <>
      {draft.channels.filter((one) => one.on).length > 1 && <p class="hint">{t("add.place.shared")}</p>}
      <PlaceFields
        form={draft.form}
        wrong={wrong}
        change={(part) => change((was) => ({ form: { ...was.form, ...part } }))}
      />
    </>
  );
}
