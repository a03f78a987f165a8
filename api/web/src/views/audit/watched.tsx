import { listViewings, type Viewings } from "../../api/audit";
import { span, t, word } from "../../i18n";
import { stamp } from "../../i18n/time";
import { toQuery } from "../../store/audit";
import { useAsked } from "../../store/asked";
import { Failed, Notice, Unread } from "../../ui/notice";
import type { PartProps } from ".";

/** Who watched which camera live, and for how long. */
export function Watched({ what }: PartProps) {
  const query = toQuery(what, ["user", "camera"]);
  const { value, problem, again, further, busy } = useAsked((until) => listViewings(query, until), [query.toString()]);
  if (problem) return <Failed problem={problem} retry={again} />;
  if (value === null) return <Unread problem={null} retry={again} />;
  if (value.viewings.length === 0) return <Notice title={t("audit.live.none")} />;
  const { viewings, next_cursor: cursor } = value;
  async function more(from: string, until: AbortSignal): Promise<Viewings> {
    const next = new URLSearchParams(query);
    next.set("cursor", from);
    const found = await listViewings(next, until);
    return { ...found, viewings: [...viewings, ...found.viewings] };
  }
  return (
    <>
      <div class="table audit-table">
        <table>
          <thead>
            <tr>
              <th>{t("audit.begun")}</th>
              <th>{t("audit.who")}</th>
              <th>{t("audit.camera")}</th>
              <th class="number">{t("audit.seconds")}</th>
              <th>{t("audit.why")}</th>
              <th>{t("audit.end")}</th>
            </tr>
          </thead>
          <tbody>
            {viewings.map((one) => (
              <tr key={`${one.opened_at} ${one.user} ${one.camera_id}`}>
                <td class="time">{stamp(one.opened_at)}</td>
                <td class="wrap">
                  <b>{one.user}</b>
                </td>
                <td class="wrap">{one.camera_name}</td>
                <td class="number">{span(one.seconds * 1000)}</td>
                <td class="wrap">
                  <span class="tag">{word("purpose", one.purpose_kind)}</span> {one.case_number}
                </td>
                <td class="wrap">{one.closed_at === null ? <span class="tag tag-ok">{t("audit.watching")}</span> : word("viewingEnd", one.why)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {cursor && (
        <button type="button" class="audit-more" disabled={busy} onClick={() => void further((until) => more(cursor, until))}>
          {t("audit.more")}
        </button>
      )}
    </>
  );
}
