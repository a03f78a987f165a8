import { useEffect, useRef, useState } from "preact/hooks";
import { chain, type Proof, prove, verifier } from "../../api/audit";
import type { Problem } from "../../api/client";
import { problemText, t, word } from "../../i18n";
import { stamp } from "../../i18n/time";
import { useAsked } from "../../store/asked";
import { settle } from "../../store/session";
import { Wrong } from "../../ui/formend";
import { Icon } from "../../ui/icon";
import { Failed, Unread } from "../../ui/notice";
import { Progress } from "../../ui/progress";
import { save } from "../../ui/save";
import { toast } from "../../ui/toast";
import { Files } from "./files";

/** Where the chain stands, proving it, and what an outsider takes along to prove it himself. */
export function Proving() {
  const { value, problem, again } = useAsked(chain);
  if (problem) return <Failed problem={problem} retry={again} />;
  if (value === null) return <Unread problem={null} retry={again} />;
  const last = value.anchors[0];
  async function takeVerifier(): Promise<void> {
    try {
      save(await verifier(), "verify_audit.py");
    } catch (err) {
      toast(problemText(settle(err)), { tone: "bad" });
    }
  }
  return (
    <div class="audit-proof">
      <section class="panel">
        <h2>{t("audit.chain")}</h2>
        <p>{t("audit.chain.means", { n: value.no, years: value.keep_years })}</p>
        <p>{last ? t("audit.chain.anchored", { at: stamp(last.at), no: last.no, n: value.no - last.no }) : t("audit.chain.unanchored")}</p>
        <Prove done={again} />
      </section>
      <section class="panel">
        <h2>{t("audit.outside")}</h2>
        <p>{t("audit.outside.means")}</p>
        <Files query={new URLSearchParams()} />
        <button type="button" onClick={() => void takeVerifier()}>
          <Icon name="export" /> {t("audit.verifier")}
        </button>
        <p class="muted small">
          <code>python -I verify_audit.py audit.jsonl anchors/</code>
        </p>
      </section>
      <section class="panel">
        <h2>{t("audit.anchors")}</h2>
        <p class="muted">{t("audit.anchors.means")}</p>
        <table>
          <tbody>
            {value.anchors.map((one) => (
              <tr key={one.name}>
                <td class="time">{stamp(one.at)}</td>
                <td>{t("audit.anchors.row", { no: one.no })}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </div>
  );
}

function Prove({ done }: { done: () => void }) {
  const [told, setTold] = useState<Proof | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);
  async function run(): Promise<void> {
    const work = new AbortController();
    stop.current = work;
    setProblem(null);
    setTold(null);
    try {
      await prove(setTold, work.signal);
      done();
    } catch (err) {
      if (!work.signal.aborted) setProblem(settle(err));
    }
  }
  function cancel(): void {
    stop.current?.abort();
    setTold(null);
  }
  if (told && !told.done && !problem) return <Progress label={t("audit.proving", { n: told.rows })} value={told.rows} max={Math.max(told.of, 1)} onCancel={cancel} />;
  return (
    <>
      <Wrong problem={problem} />
      {told?.done && <Outcome told={told} />}
      <button type="button" class="primary" onClick={() => void run()}>
        {t("audit.prove")}
      </button>
    </>
  );
}

function Outcome({ told }: { told: Proof }) {
  if (told.broken !== null)
    return (
      <p class="error" role="alert">
        <b>{t("audit.broken", { no: told.broken_no ?? 0 })}</b> {word("broken", told.broken)}
      </p>
    );
  return (
    <div role="status">
      <p class="all-well">
        <Icon name="check" /> {t("audit.holds", { n: told.rows })}
      </p>
      <p>{told.anchored ? t("audit.protected", { no: told.anchored, n: told.rows - told.anchored }) : t("audit.unprotected")}</p>
      {told.times_back > 0 && <p class="error">{t("audit.back", { n: told.times_back, no: told.back[0] ?? 0 })}</p>}
      {told.restores.length > 0 && <p>{t("audit.restored", { no: told.restores[0] ?? 0 })}</p>}
    </div>
  );
}
