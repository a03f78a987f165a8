import { t } from "../../i18n";
import { Icon } from "../../ui/icon";
import { Popover } from "../../ui/popover";
import type { Played } from "./tile";

interface Props {
  cameras: readonly Played[];
  clocks: Readonly<Record<string, number>>;
  onChange: (clocks: Record<string, number>) => void;
}

const MOST_S = 900_000;

/**
 * How far the clock is ahead that a camera's footage was dated by, so that all show the same true moment. What the hub records is
 * dated by the hub, whatever the camera's own clock says; footage that came otherwise, or late, is not.
 */
export function Clocks({ cameras, clocks, onChange }: Props) {
  const set = (id: string, seconds: number): void => {
    if (Number.isFinite(seconds) && Math.abs(seconds) <= MOST_S) onChange({ ...clocks, [id]: Math.round(seconds * 1000) });
  };
  const aligned = cameras.filter((one) => clocks[one.id]).length;
  return (
    <Popover
      label={t("clocks.title")}
      button={
        <>
          <Icon name="clock" /> {aligned > 0 ? t("clocks.some", { n: aligned }) : t("clocks.title")}
        </>
      }
    >
      {() => (
        <div class="play-clocks">
          <p class="muted small">{t("clocks.how")}</p>
          {cameras.map((one) => (
            <label key={one.id}>
              <bdi>{one.name}</bdi>
              <input
                type="number"
                step="0.04"
                min={-MOST_S}
                max={MOST_S}
                aria-label={t("clocks.of", { name: one.name })}
                value={String((clocks[one.id] ?? 0) / 1000)}
                onChange={(event) => set(one.id, event.currentTarget.valueAsNumber)}
              />
              {t("clocks.seconds")}
            </label>
          ))}
        </div>
      )}
    </Popover>
  );
}
