import { useState } from "preact/hooks";
import type { Plan } from "../../../api/book";
import { listed, problemText, t } from "../../../i18n";
import { stamp } from "../../../i18n/time";
import { apply, forget, type Import, notApplied, send } from "../../../store/book";
import { href } from "../../../store/route";
import { Dialog } from "../../../ui/dialog";
import { Rows } from "./rows";
import { Working } from "./working";

type After = Extract<Import, { at: "planned" | "applying" | "applied" }>;

/** What the file would change, what stands in its way, and the way on. */
export function Result({ now }: { now: After }) {
  const { plan } = now;
  if (now.at === "applying") return <Working file={plan.file} step={now.step ?? { phase: "writing", done: 0, total: 0 }} />;
  return (
    <>
      {now.at === "applied" ? <Done now={now} /> : <Planned plan={plan} />}
      <Rows plan={plan} />
    </>
  );
}

function Done({ now }: { now: Extract<Import, { at: "applied" }> }) {
  return (
    <div class="notice book-done" role="status">
      <strong>{t("book.done", { added: now.applied.added, changed: now.applied.changed })}</strong>
      <div class="notice-text">
        {t("book.done.rest", { unchanged: now.applied.unchanged, skipped: now.applied.skipped })}
      </div>
      <div class="row">
        <a class="button primary" href={href("cameras")}>
          {t("book.toList")}
        </a>
        <button type="button" onClick={forget}>
          {t("book.another")}
        </button>
      </div>
    </div>
  );
}

function Planned({ plan }: { plan: Plan }) {
  const [asking, setAsking] = useState(false);
  const useful = plan.add + plan.change;
  return (
    <>
      <div class="book-head">
        <div>
          <strong>{plan.file}</strong>{" "}
          <span class="muted small">
            {plan.sheet && t("book.sheet", { sheet: plan.sheet })} {t("book.until", { at: stamp(plan.expires_at) })}
          </span>
        </div>
        <span class="grow" />
        <Again />
      </div>
      <Counts plan={plan} />
      {plan.unknown_columns.length > 0 && (
        <p class="small muted">{t("book.unknown", { columns: listed(plan.unknown_columns) })}</p>
      )}
      {notApplied.value && (
        <p class="error" role="alert">
          {problemText(notApplied.value)}
        </p>
      )}
      <div class="book-next">
        <button type="button" class="primary" disabled={useful === 0} onClick={() => setAsking(true)}>
          {t(plan.bad > 0 ? "book.apply.skip" : "book.apply", { n: useful })}
        </button>
        <span class="muted small">
          {t(useful === 0 ? "book.nothing" : plan.bad > 0 ? "book.bad.advice" : "book.dry", { n: plan.bad })}
        </span>
      </div>
      {asking && <Confirm plan={plan} close={() => setAsking(false)} />}
    </>
  );
}

/** The corrected file, without a way back to the start. */
function Again() {
  return (
    <label class="button book-again">
      {t("book.again")}
      <input
        type="file"
        accept=".xlsx,.xls,.csv,.et,.txt"
        onChange={(event) => {
          const file = event.currentTarget.files?.[0];
          if (file) void send(file);
        }}
      />
    </label>
  );
}

function Counts({ plan }: { plan: Plan }) {
  const counts = [
    ["add", plan.add, ""],
    ["change", plan.change, ""],
    ["unchanged", plan.unchanged, ""],
    ["bad", plan.bad, plan.bad > 0 ? "book-count-bad" : ""],
  ] as const;
  return (
    <dl class="book-counts">
      {counts.map(([name, count, tone]) => (
        <div key={name} class={tone}>
          <dt>{t(`book.count.${name}`)}</dt>
          <dd>{count}</dd>
        </div>
      ))}
    </dl>
  );
}

function Confirm({ plan, close }: { plan: Plan; close: () => void }) {
  return (
    <Dialog label={t("book.confirm")} onClose={close}>
      <div class="book-confirm">
        <p>{t("book.confirm.what", { add: plan.add, change: plan.change })}</p>
        {plan.devices_add + plan.devices_change > 0 && (
          <p>{t("book.confirm.devices", { add: plan.devices_add, change: plan.devices_change })}</p>
        )}
        {plan.bad > 0 && <p class="book-warn">{t("book.confirm.skip", { n: plan.bad })}</p>}
        <p class="muted small">{t("book.confirm.how")}</p>
        <div class="row">
          <button
            type="button"
            class="primary"
            onClick={() => {
              close();
              void apply(plan, plan.bad > 0);
            }}
          >
            {t("book.confirm.go")}
          </button>
          <button type="button" onClick={close}>
            {t("cancel")}
          </button>
        </div>
      </div>
    </Dialog>
  );
}
