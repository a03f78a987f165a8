import { useEffect, useState } from "preact/hooks";
import { type AuditRow, listDays, listRows, type Rows } from "../../api/audit";
import type { Problem } from "../../api/client";
import { problemText, t, word } from "../../i18n";
import { minute, stamp } from "../../i18n/time";
import { type Asked, everyDay, FILTERS, toQuery, written } from "../../store/audit";
import { useAsked } from "../../store/asked";
import { go, href } from "../../store/route";
import { settle } from "../../store/session";
import { Failed, Notice, Unread } from "../../ui/notice";
import type { PartProps } from ".";
import { actionText } from "./action";
import { Files } from "./files";

/** The rows themselves, newest first, under bars of how many there were each day. */
export function Register({ what }: PartProps) {
  const query = toQuery(what, FILTERS);
  const { value, problem, again, further, busy } = useAsked((until) => listRows(query, until), [query.toString()]);
  if (problem) return <Failed problem={problem} retry={again} />;
  async function more(shown: Rows, cursor: string, until: AbortSignal): Promise<Rows> {
    const next = new URLSearchParams(query);
    next.set("cursor", cursor);
    const found = await listRows(next, until);
    return { rows: [...shown.rows, ...found.rows], cameras: { ...shown.cameras, ...found.cameras }, next_cursor: found.next_cursor };
  }
  const cursor = value?.next_cursor;
  return (
    <>
      <Days what={what} />
      {value === null ? (
        <Unread problem={null} retry={again} />
      ) : value.rows.length === 0 ? (
        <Notice title={t("audit.none")}>{t("audit.none.hint")}</Notice>
      ) : (
        <>
          <div class="audit-head">
            <span class="muted">{t(value.next_cursor ? "audit.atLeast" : "audit.n", { n: value.rows.length })}</span>
            <Files query={query} />
          </div>
          <Table shown={value} />
          {cursor && (
            <button type="button" class="audit-more" disabled={busy} onClick={() => void further((until) => more(value, cursor, until))}>
              {t("audit.more")}
            </button>
          )}
        </>
      )}
    </>
  );
}

function Table({ shown }: { shown: Rows }) {
  const [open, setOpen] = useState<number | null>(null);
  return (
    <div class="table audit-table">
      <table>
        <thead>
          <tr>
            <th>{t("audit.at")}</th>
            <th>{t("audit.who")}</th>
            <th>{t("audit.what")}</th>
            <th>{t("audit.cameras")}</th>
            <th>{t("audit.why")}</th>
            <th class="number">{t("audit.results")}</th>
          </tr>
        </thead>
        <tbody>
          {shown.rows.map((row) => (
            <Line key={row.no} row={row} names={shown.cameras} open={open === row.no} toggle={() => setOpen(open === row.no ? null : row.no)} />
          ))}
        </tbody>
      </table>
    </div>
  );
}

interface LineProps {
  row: AuditRow;
  names: Record<string, string>;
  open: boolean;
  toggle: () => void;
}

const FEW = 2;

function Line({ row, names, open, toggle }: LineProps) {
  const cameras = row.cameras.map((id) => names[id] ?? id);
  const refusal = refusedFor(row.detail);
  return (
    <>
      <tr aria-selected={open} data-no={row.no}>
        <td class="time">
          <button type="button" class="quiet link" aria-expanded={open} onClick={toggle}>
            {stamp(row.at)}
          </button>
        </td>
        <td class="wrap">
          <b>{row.user}</b> <span class="muted small">{row.unit}</span>
        </td>
        <td class="wrap">
          {actionText(row.action)} {refusal && <span class="tag tag-bad">{t("audit.refused", { why: refusal })}</span>}
        </td>
        <td class="wrap">
          {cameras.slice(0, FEW).join("、")}
          {cameras.length > FEW && <span class="muted"> {t("audit.others", { n: cameras.length - FEW })}</span>}
        </td>
        <td class="wrap">
          {row.purpose_kind && <span class="tag">{word("purpose", row.purpose_kind)}</span>} {[row.case_number, row.reason].filter(Boolean).join(" ")}
        </td>
        <td class="number">{row.result_count ?? ""}</td>
      </tr>
      {open && (
        <tr class="audit-open">
          <td colSpan={6}>
            <Detail row={row} cameras={cameras} />
          </td>
        </tr>
      )}
    </>
  );
}

/** Why a look was refused as a whole, by the words of its problem; null where it was not. */
export function refusedFor(detail: string): string | null {
  const code = /"refused":"([a-z_]{1,40})"/.exec(detail)?.[1];
  return code === undefined ? null : word("refusedLook", code);
}

/** All that a row says. */
function Detail({ row, cameras }: { row: AuditRow; cameras: string[] }) {
  const span = [row.span_from, row.span_to].map((at) => (at ? minute(at) : "…")).join(" – ");
  const told: [string, string][] = [
    [t("audit.no"), String(row.no)],
    [t("audit.role"), row.role ? word("role", row.role) : ""],
    [t("audit.address"), row.address],
    [t("audit.span"), row.span_from || row.span_to ? span : ""],
    [t("audit.cameras"), cameras.join("、")],
    [t("audit.consents"), row.consent_versions.join("、")],
    [t("audit.detail"), row.detail],
    [t("audit.hash"), row.hash],
  ];
  return (
    <dl class="audit-detail">
      {told
        .filter(([, value]) => value !== "")
        .map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
    </dl>
  );
}

/** A bar for each day of the span; a click on one narrows to it. */
function Days({ what }: { what: Asked }) {
  const query = toQuery(what, FILTERS);
  const [days, setDays] = useState<ReturnType<typeof everyDay<Awaited<ReturnType<typeof listDays>>[number]>>>([]);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    const stop = new AbortController();
    listDays(query, stop.signal).then(
      (found) => {
        setDays(everyDay(found, what));
        setProblem(null);
      },
      (err: unknown) => !stop.signal.aborted && setProblem(settle(err)),
    );
    return () => stop.abort();
  }, [query.toString()]);
  if (problem) return <p class="muted small">{problemText(problem)}</p>;
  const most = Math.max(1, ...days.map((one) => one.of?.rows ?? 0));
  const total = days.reduce((sum, one) => sum + (one.of?.rows ?? 0), 0);
  return (
    <figure class="audit-days">
      <div class="audit-bars" role="group" aria-label={t("audit.days", { n: total })}>
        {days.map(({ day, of }) => (
          <button
            key={day}
            type="button"
            class="audit-bar"
            title={`${day}: ${of?.rows ?? 0}`}
            aria-label={`${day}: ${of?.rows ?? 0}`}
            disabled={!of}
            onClick={() => go(href("audit", written({ ...what, from: day, to: day }, Date.now())), true)}
          >
            <i style={{ height: `${((of?.rows ?? 0) / most) * 100}%` }} />
          </button>
        ))}
      </div>
      <figcaption class="muted">
        <span>{days[0]?.day}</span>
        <span>{t("audit.days", { n: total })}</span>
        <span>{days.length > 1 ? days[days.length - 1]!.day : ""}</span>
      </figcaption>
    </figure>
  );
}
