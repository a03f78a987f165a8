import { cameraChanges } from "../../../api/register";
import type { Camera } from "../../../api/types";
import { t, word } from "../../../i18n";
import { stamp } from "../../../i18n/time";
import { useAsked } from "../../../store/asked";
import { Notice, Unread } from "../../../ui/notice";

/** Who changed what of it and when, out of the audit. */
export function Changes({ camera }: { camera: Camera }) {
  const { value: changes, problem, again } = useAsked((until) => cameraChanges(camera.id, until), [camera.id, camera.revision]);
  if (changes === null || problem) return <Unread problem={problem} retry={again} />;
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
