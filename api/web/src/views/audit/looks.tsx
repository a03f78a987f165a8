import { useMemo, useState } from "preact/hooks";
import { listLooks, type Looked, SORTS } from "../../api/audit";
import { span, t, word } from "../../i18n";
import { minute } from "../../i18n/time";
import { type Column, sorted, toQuery, written } from "../../store/audit";
import { useAsked } from "../../store/asked";
import { href } from "../../store/route";
import { Failed, Notice, Unread } from "../../ui/notice";
import type { PartProps } from ".";

/** Who looked at a camera, or at what a person looked. */
export function Looks({ what }: PartProps) {
  if (!what.camera && !what.user) return <Notice title={t("audit.looks.choose")}>{t("audit.looks.hint")}</Notice>;
  // One of the two: with both, the camera counts.
  return <Found what={what.camera ? { ...what, user: "" } : what} />;
}

function Found({ what }: PartProps) {
  const query = toQuery(what, ["user", "camera"]);
  const { value, problem, again } = useAsked((until) => listLooks(query, until), [query.toString()]);
  if (problem) return <Failed problem={problem} retry={again} />;
  if (value === null) return <Unread problem={null} retry={again} />;
  if (value.length === 0) return <Notice title={t(what.camera ? "audit.looks.nobody" : "audit.looks.nothing")} />;
  return <Table rows={value} what={what} />;
}

function Table({ rows, what }: PartProps & { rows: Looked[] }) {
  const [order, setOrder] = useState<{ by: Column; descending: boolean }>({ by: "last", descending: true });
  const shown = useMemo(() => sorted(rows, order.by, order.descending), [rows, order]);
  const ofCamera = what.camera !== "";
  const columns: [Column, string][] = [
    ["who", t(ofCamera ? "audit.who" : "audit.camera")],
    ...SORTS.map((one): [Column, string] => [one, word("look", one)]),
    ["seconds", t("audit.seconds")],
    ["vain", t("audit.vain.short")],
    ["last", t("audit.last")],
  ];
  return (
    <>
      <h2 class="audit-of">{ofCamera ? t("audit.looks.at", { camera: rows[0]!.camera_name }) : t("audit.looks.by", { user: what.user })}</h2>
      <div class="table audit-table audit-looks">
        <table>
          <thead>
            <tr>
              {columns.map(([by, label]) => (
                <th key={by} class={by === "who" || by === "last" ? "" : "number"} aria-sort={order.by === by ? (order.descending ? "descending" : "ascending") : "none"}>
                  <button type="button" class="quiet" onClick={() => setOrder({ by, descending: order.by === by ? !order.descending : by !== "who" })}>
                    {label} {order.by === by && <span aria-hidden="true">{order.descending ? "↓" : "↑"}</span>}
                  </button>
                </th>
              ))}
              <th>{t("audit.case")}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((one) => (
              <tr key={`${one.user} ${one.camera_id}`}>
                <td class="wrap">
                  <a href={href("audit", written({ ...what, user: one.user, camera: one.camera_id, sort: "", case: "", vain: false }, Date.now()))}>{ofCamera ? one.user : one.camera_name || one.camera_id}</a>{" "}
                  {ofCamera && <span class="muted small">{one.unit}</span>}
                </td>
                {SORTS.map((sort) => (
                  <td key={sort} class="number" data-of={word("look", sort)}>
                    {one.by_sort[sort] ?? "—"}
                  </td>
                ))}
                <td class="number" data-of={t("audit.seconds")}>
                  {one.live_seconds ? span(one.live_seconds * 1000) : "—"}
                </td>
                <td class="number" data-of={t("audit.vain.short")}>
                  {one.vain || "—"}
                </td>
                <td class="time">{minute(one.last_at)}</td>
                <td class="wrap">{one.cases.join("、")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  );
}
