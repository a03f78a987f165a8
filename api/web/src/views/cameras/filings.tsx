import { useState } from "preact/hooks";
import { filingSheet, type Filed, listFilings, type Wanting, WANTINGS } from "../../api/placement";
import { listed, problemText, t, word } from "../../i18n";
import { minute } from "../../i18n/time";
import { useAsked } from "../../store/asked";
import { go, href, route } from "../../store/route";
import { may, settle } from "../../store/session";
import { language } from "../../store/settings";
import { Icon } from "../../ui/icon";
import { Notice, Unread } from "../../ui/notice";
import { save } from "../../ui/save";
import { Segments } from "../../ui/tabs";
import { toast } from "../../ui/toast";

/** A county has thousands; what is missing or late are the few one works on. */
const SHOWN = 300;

/** Which cameras lack something, are to be filed, or are late. */
export function Filings() {
  const asked = route.value.query.get("wanting");
  const wanting: Wanting | null = WANTINGS.find((one) => one === asked) ?? (asked === "all" ? null : "incomplete");
  const { value: list, problem, again } = useAsked((until) => listFilings(wanting, until), [wanting]);
  const [busy, setBusy] = useState(false);
  async function sheet(): Promise<void> {
    setBusy(true);
    try {
      save(await filingSheet(wanting, language.value), `filings-${minute(new Date()).slice(0, 10)}.csv`);
    } catch (err) {
      toast(problemText(settle(err)), { tone: "bad" });
    }
    setBusy(false);
  }
  return (
    <section class="filings" aria-label={t("filings.title")}>
      <div class="row">
        <a class="button quiet icon-button" href={href("cameras")} aria-label={t("one.back")} title={t("one.back")}>
          <Icon name="left" />
        </a>
        <h1>{t("filings.title")}</h1>
      </div>
      <div class="toolbar">
        <Segments<Wanting | "all">
          label={t("filings.title")}
          value={wanting ?? "all"}
          options={[...WANTINGS, "all" as const].map((value) => ({ value, label: word("filings", value) }))}
          onChange={(to) => go(href("cameras", new URLSearchParams({ wanting: to }), "filings"), true)}
        />
        <span class="grow" />
        {may("register") && (
          <button type="button" disabled={busy} onClick={() => void sheet()}>
            {t("filings.sheet")}
          </button>
        )}
      </div>
      {list === null || problem ? (
        <Unread problem={problem} retry={again} />
      ) : list.length === 0 ? (
        <Notice title={t("filings.none")} />
      ) : (
        <Lines list={list} />
      )}
    </section>
  );
}

function Lines({ list }: { list: readonly Filed[] }) {
  return (
    <div class="table">
      <table>
        <thead>
          <tr>
            <th>{t("camera.name")}</th>
            <th>{t("fact.village")}</th>
            <th>{t("filings.lacks")}</th>
            <th>{t("filings.filing")}</th>
            <th>{t("filings.due")}</th>
          </tr>
        </thead>
        <tbody>
          {list.slice(0, SHOWN).map(({ camera_id, name, kind, village_name, placement }) => (
            <tr key={camera_id}>
              <td>
                <a href={href("cameras", new URLSearchParams({ tab: "placement" }), camera_id)}>
                  <bdi>{name}</bdi>
                </a>{" "}
                <span class="tag">{word("kind", kind)}</span>
              </td>
              <td>{village_name}</td>
              <td>{placement.lacks.length > 0 && listed(placement.lacks.map((one) => word("lack", one)))}</td>
              <td>
                <span class={`tag ${placement.overdue ? "tag-bad" : ""}`}>{word("filing", placement.filing)}</span> <span class="muted">{placement.filing_no}</span>
              </td>
              <td class="time">{placement.due_at !== null && minute(placement.due_at).slice(0, 10)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {list.length > SHOWN && <p class="muted small">{t("filings.more", { n: SHOWN, all: list.length })}</p>}
    </div>
  );
}
