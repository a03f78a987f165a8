import { clearFault, listFaults, type PatrolMark } from "../../api/patrols";
import { t, word } from "../../i18n";
import { minute } from "../../i18n/time";
import { useAsked } from "../../store/asked";
import { href } from "../../store/route";
import { may, purpose } from "../../store/session";
import { Stale } from "../../ui/notice";

/** Cameras that people on patrol found faulty or covered, until somebody says that they are mended. */
export function Reported() {
  const { value: faults, problem, act } = useAsked((until) => listFaults(until));
  if (faults === null || faults.length === 0) return null;
  return (
    <div class="panel">
      <div class="upkeep-head">
        <h2>
          {t("reported.title")} <b class="count bad">{faults.length}</b>
        </h2>
      </div>
      {problem && <Stale problem={problem} />}
      <ul class="reported">
        {faults.map((one) => (
          <Line
            key={one.id}
            fault={one}
            clear={() =>
              void act(async () => {
                await clearFault(one.id);
                return t("reported.cleared", { camera: one.camera_name });
              })
            }
          />
        ))}
      </ul>
    </div>
  );
}

const Line = ({ fault, clear }: { fault: PatrolMark; clear: () => void }) => (
  <li class="reported-line">
    <span class="tag tag-wait">{word("patrolVerdict", fault.verdict)}</span>
    <span class="reported-what">
      <a href={href("cameras", undefined, fault.camera_id)}>{fault.camera_name}</a>{" "}
      <span class="muted small">
        {fault.village_name} · {fault.by} <span class="time">{minute(fault.at)}</span>
      </span>
      {fault.note && <span class="reported-note">{fault.note}</span>}
    </span>
    {purpose.value && fault.snapshot_url && (
      <a href={fault.snapshot_url} target="_blank" rel="noreferrer">
        {t("reported.picture")}
      </a>
    )}
    {may("register") && (
      <button type="button" class="small-button" onClick={clear}>
        {t("reported.clear")}
      </button>
    )}
  </li>
);
