import { faultText, t } from "../i18n";
import { health } from "../store/health";

/** Faults of the hub in one line under the header, on every view, for those who may see them. */
export function FaultStrip() {
  const faults = health.value?.faults ?? [];
  if (faults.length === 0) return null;
  return (
    <p class="strip" role="status">
      <i class="dot dot-bad" /> {faultText(faults[0]!)}
      {faults.length > 1 && <a href="#/health">{t("health.moreFaults", { n: faults.length - 1 })}</a>}
    </p>
  );
}

