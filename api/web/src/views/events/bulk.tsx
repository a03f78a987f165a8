import { t, word } from "../../i18n";
import { VERDICTS } from "../../api/types";
import type { EventList } from "../../store/eventlist";
import { say, toggled } from "../../store/marks";
import { clear, picked } from "../../store/selection";
import { may } from "../../store/session";
import { Icon } from "../../ui/icon";
import { ExportButton } from "./exporting";

/** What can be done with the events picked, at the lower edge while there are some. */
export function Bulk({ list }: { list: EventList }) {
  const chosen = (list.events.value ?? []).filter((one) => picked.value.has(one.id));
  if (chosen.length === 0) return null;
  return (
    <div class="bulk" role="region" aria-label={t("picked.n", { n: chosen.length })}>
      <strong role="status">{t("picked.n", { n: chosen.length })}</strong>
      {VERDICTS.map((one) => (
        <button key={one} type="button" onClick={() => void say(chosen, toggled(chosen, one), (event) => list.put(event))}>
          <Icon name={one === "useful" ? "check" : "flag"} />
          {word("verdict", one)}
        </button>
      ))}
      {may("export") && <ExportButton query={new URLSearchParams(chosen.map((one): [string, string] => ["id", one.id]))} />}
      <button type="button" class="quiet" onClick={clear}>
        <Icon name="close" />
        {t("picked.clear")}
      </button>
    </div>
  );
}
