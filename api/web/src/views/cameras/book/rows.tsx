import { useEffect, useState } from "preact/hooks";
import { type BadCell, type Outcome, type Plan, planRows, type PlanRows, type Shown } from "../../../api/book";
import type { Problem } from "../../../api/client";
import { language } from "../../../store/settings";
import { listed, problemText, t, word } from "../../../i18n";
import { places } from "../../../store/cameras";
import { settle } from "../../../store/session";
import { Tabs } from "../../../ui/tabs";
import { Failed } from "../../../ui/notice";
import { save } from "../../../ui/save";

const FIRST = 200;
const ALL = 20_000;

/** Why a cell is bad, in words; a reason newer than this page is the hub's own sentence. */
function reason(bad: BadCell): string {
  const said = word("badCell", bad.code, bad.params);
  return said === bad.code ? bad.hint : said;
}

/** A plan's rows: what is wrong, what is new, what changes. */
export function Rows({ plan }: { plan: Plan }) {
  const [show, setShow] = useState<Shown>(plan.bad > 0 ? "bad" : plan.add > 0 ? "add" : "change");
  const [code, setCode] = useState("");
  const [limit, setLimit] = useState(FIRST);
  const [found, setFound] = useState<PlanRows | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [round, setRound] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    planRows(plan.id, show, show === "bad" ? code : "", limit, stop.signal).then(
      (rows) => {
        setFound(rows);
        setProblem(null);
      },
      (err: unknown) => !stop.signal.aborted && setProblem(settle(err)),
    );
    return () => stop.abort();
  }, [plan.id, show, code, limit, round]);

  if (plan.bad + plan.add + plan.change === 0) return null;
  const faults = Object.values(plan.faults).reduce((sum, one) => sum + one, 0);
  return (
    <div class="book-rows">
      <Tabs
        label={t("book.rows")}
        value={show}
        options={[
          { value: "bad", label: t("book.count.bad"), count: plan.bad },
          { value: "add", label: t("book.count.add"), count: plan.add },
          { value: "change", label: t("book.count.change"), count: plan.change },
        ]}
        onChange={(chosen) => {
          setFound(null);
          setLimit(FIRST);
          setShow(chosen);
        }}
      >
        {show === "bad" && plan.bad > 0 && (
          <div class="book-filter">
            <select aria-label={t("book.filter")} value={code} onChange={(event) => setCode(event.currentTarget.value)}>
              <option value="">{t("book.filter.all", { n: faults })}</option>
              {Object.entries(plan.faults).map(([one, count]) => (
                <option key={one} value={one}>
                  {`${short(one)} (${count})`}
                </option>
              ))}
            </select>
            <span class="grow" />
            <Download plan={plan} />
          </div>
        )}
        {problem ? (
          <Failed problem={problem} retry={() => setRound(round + 1)} />
        ) : found === null ? (
          <div class="bone bone-row" role="status" aria-label={t("loading")} />
        ) : (
          <>
            {show === "bad" ? <BadRows bad={found.bad} /> : <Outcomes rows={found.rows} />}
            {found.total > limit && (
              <p class="book-more">
                <span class="muted">{t("book.shown", { n: limit, all: found.total })}</span>{" "}
                <button type="button" onClick={() => setLimit(limit + 800)}>
                  {t("book.more")}
                </button>
              </p>
            )}
          </>
        )}
      </Tabs>
    </div>
  );
}

/** The reason without the values of one row, for the list to choose from. */
function short(code: string): string {
  const said = word("badCell", code);
  return said.split(/[：:；;，,。（(]/)[0]!.replace(/\{\w+\}/g, "…");
}

function BadRows({ bad }: { bad: BadCell[] }) {
  if (bad.length === 0) return <p class="muted book-empty">{t("book.noBad")}</p>;
  return (
    <div class="scroll">
      <table class="table book-table">
        <thead>
          <tr>
            <th class="number">{t("book.row")}</th>
            <th>{t("book.column")}</th>
            <th>{t("book.value")}</th>
            <th>{t("book.why")}</th>
          </tr>
        </thead>
        <tbody>
          {bad.map((one, index) => (
            <tr key={index}>
              <td class="number">{one.row}</td>
              <td>{one.heading || "—"}</td>
              <td>
                <bdi class="book-value">{one.value || <span class="muted">{t("book.blank")}</span>}</bdi>
              </td>
              <td>{reason(one)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Outcomes({ rows }: { rows: Outcome[] }) {
  if (rows.length === 0) return <p class="muted book-empty">{t("book.noRows")}</p>;
  return (
    <div class="scroll">
      <table class="table book-table">
        <thead>
          <tr>
            <th class="number">{t("book.row")}</th>
            <th>{t("field.name")}</th>
            <th>{t("field.village_code")}</th>
            <th>{t("book.changes")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((one) => (
            <tr key={one.row}>
              <td class="number">{one.row}</td>
              <td>
                <bdi>{one.name}</bdi>
              </td>
              <td>{places.value.get(one.village_code)?.name ?? one.village_code}</td>
              <td>{one.action === "add" ? t("book.new") : listed(one.changed.map(fieldWord))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const fieldWord = (name: string): string => word("field", name === "device" ? "device_id" : name);

/** All bad cells as a file, to be worked off beside the book. */
function Download({ plan }: { plan: Plan }) {
  const [problem, setProblem] = useState<Problem | null>(null);
  async function take(): Promise<void> {
    setProblem(null);
    try {
      const { bad } = await planRows(plan.id, "bad", "", ALL);
      const head = [t("book.row"), t("book.column"), t("book.value"), t("book.why")];
      const lines = [head, ...bad.map((one) => [String(one.row), one.heading, one.value, reason(one)])];
      const text = lines.map((line) => line.map(quoted).join(",")).join("\r\n");
      save(new Blob([`\ufeff${text}\r\n`], { type: "text/csv" }), `${t("book.count.bad")}-${plan.file.replace(/\.\w+$/, "")}.csv`);
    } catch (err) {
      setProblem(settle(err));
    }
  }
  return (
    <>
      {problem && <span class="error">{problemText(problem)}</span>}
      <button type="button" class="small-button" lang={language.value} onClick={() => void take()}>
        {t("book.download")}
      </button>
    </>
  );
}

/** A cell of CSV; what a spreadsheet would take for a formula gets an apostrophe before it. */
export function quoted(text: string): string {
  const safe = /^'*[=+\-@\t\r]/.test(text) && !/^-?\d+(\.\d+)?$/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
