import { useEffect, useState } from "preact/hooks";
import type { Problem } from "../../../api/client";
import { cameraChanges, type Change } from "../../../api/register";
import type { Camera } from "../../../api/types";
import { t, word } from "../../../i18n";
import { stamp } from "../../../i18n/time";
import { settle } from "../../../store/session";
import { Failed, Notice } from "../../../ui/notice";

/** Who changed what of it and when, out of the audit. */
export function Changes({ camera }: { camera: Camera }) {
  const [changes, setChanges] = useState<Change[] | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [round, setRound] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    cameraChanges(camera.id, stop.signal).then(
      (found) => {
        setChanges(found);
        setProblem(null);
      },
      (err) => !stop.signal.aborted && setProblem(settle(err)),
    );
    return () => stop.abort();
  }, [camera.id, camera.revision, round]);

  if (problem) return <Failed problem={problem} retry={() => setRound(round + 1)} />;
  if (changes === null) return <div class="bone bone-row" role="status" aria-label={t("loading")} />;
  if (changes.length === 0) return <Notice title={t("changes.none")} />;
  return (
    <ol class="changes panel">
      {changes.map((one, index) => (
        <li key={`${one.at} ${index}`}>
          <span class="time">{stamp(one.at)}</span>
          <span>
            <bdi>{one.by}</bdi> {one.unit && <span class="muted">{one.unit}</span>}
          </span>
          <span>
            <strong>{word("action", one.action)}</strong>
            {one.changed.length > 0 && (
              <ul class="small">
                {one.changed.map((field) => (
                  <li key={field.field}>
                    {word("field", field.field)}
                    {(field.old !== null || field.new !== null) && (
                      <>
                        {": "}
                        <del>{said(field.old)}</del> → <ins>{said(field.new)}</ins>
                      </>
                    )}
                  </li>
                ))}
              </ul>
            )}
          </span>
        </li>
      ))}
    </ol>
  );
}

function said(value: unknown): string {
  if (value === null || value === undefined || value === "") return t("changes.empty");
  if (typeof value === "boolean") return t(value ? "yes" : "no");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
