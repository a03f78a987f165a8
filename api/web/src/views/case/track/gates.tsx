import { useState } from "preact/hooks";
import { type Gate, readDecisions, readGates } from "../../../api/pursuit";
import { t, unwatched, word } from "../../../i18n";
import { stamp } from "../../../i18n/time";
import { useAsked } from "../../../store/asked";
import { Notice, Stale, Unread } from "../../../ui/notice";
import { calledOf, type Shared } from "./parts";
import { CandidateStrip } from "./strip";

/** The case's cameras, those of entrances first, and the strip of the one that is chosen. */
export function Gates(shared: Shared) {
  const { of } = shared;
  const { value: gates, problem, again } = useAsked((until) => readGates(of.id, until), [of.id]);
  const [chosen, choose] = useState<string | null>(null);
  const [log, setLog] = useState(false);
  if (gates === null) return <Unread problem={problem} retry={again} />;
  const before = (gates.find((one) => one.camera_id === chosen) ?? gates[0])?.camera_id;
  if (before === undefined) return <Notice title={t("track.noGates")}>{t("track.noGates.why")}</Notice>;
  return (
    <>
      {problem && <Stale problem={problem} />}
      <div class="track-gates" role="group" aria-label={t("track.gates")}>
        {gates.map((one) => (
          <GateButton key={one.camera_id} gate={one} chosen={one.camera_id === before} choose={choose} />
        ))}
        <button type="button" class="quiet" aria-expanded={log} onClick={() => setLog(!log)}>
          {t("track.log")}
        </button>
      </div>
      {log && <Log id={of.id} />}
      <CandidateStrip key={before} camera={before} decided={again} {...shared} />
    </>
  );
}

function GateButton({ gate, chosen, choose }: { gate: Gate; chosen: boolean; choose: (id: string) => void }) {
  return (
    <button type="button" class="track-gate" aria-pressed={chosen} onClick={() => choose(gate.camera_id)}>
      <strong>{gate.entrances.length > 0 ? gate.entrances.join(" · ") : gate.camera_name}</strong>
      <span class="muted small">{gate.entrances.length > 0 ? gate.camera_name : gate.village_name}</span>
      <span class="track-gate-count">
        {t("track.passers", { n: gate.passers })}
        {(gate.decided.star ?? 0) > 0 && <span class="tag tag-wait">{`★ ${gate.decided.star}`}</span>}
      </span>
      {gate.unwatched_s > 0 && <span class="tag tag-bad">{t("track.unwatched", { for: unwatched(gate.unwatched_s) })}</span>}
    </button>
  );
}

/** Everything that was decided, what was dropped and undone too. */
function Log({ id }: { id: string }) {
  const { value, problem, again } = useAsked((until) => readDecisions(id, until), [id]);
  return (
    <section class="panel" aria-label={t("track.log")}>
      <h2>{t("track.log")}</h2>
      {value === null && <Unread problem={problem} retry={again} />}
      {value?.length === 0 && <p class="muted">{t("track.log.none")}</p>}
      <ul class="track-log">
        {value?.map((one) => (
          <li key={`${one.thing} ${one.revision}`}>
            <strong>{word("decision", one.decision)}</strong> {calledOf(one)} · {one.camera_name} · {stamp(one.seen_at)}
            <br />
            <span class="muted small">{t("track.by", { name: one.decided_by, at: stamp(one.decided_at) })}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
