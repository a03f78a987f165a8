import type { Point } from "../api/register";
import { t } from "../i18n";
import "../styles/outlines.css";

const at = (points: readonly Point[]): string => points.map(([x, y]) => `${x * 160},${y * 90}`).join(" ");

interface Props {
  before: readonly (readonly Point[])[];
  after: readonly (readonly Point[])[];
  label: string;
}

/** Masks as they are (red: bared, where nothing else hides it) and as they would be (grey), on an empty frame: never a pixel of what is under. */
export function Outlines({ before, after, label }: Props) {
  return (
    <figure class="outlines">
      <svg viewBox="0 0 160 90" role="img" aria-label={label}>
        <rect width="160" height="90" class="outlines-frame" />
        {before.map((one, index) => (
          <polygon key={`before ${index}`} points={at(one)} class="outlines-bared" />
        ))}
        {after.map((one, index) => (
          <polygon key={`after ${index}`} points={at(one)} class="outlines-hidden" />
        ))}
      </svg>
      <figcaption class="muted small">
        <i class="outlines-swatch outlines-swatch-bared" /> {t("unmask.bared")} <i class="outlines-swatch outlines-swatch-hidden" /> {t("unmask.hidden")}
      </figcaption>
    </figure>
  );
}
