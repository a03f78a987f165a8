import { useEffect, useState } from "preact/hooks";
import * as api from "../api/client";
import type { Problem } from "../api/client";
import { type Case, type Permission, type Purpose, PURPOSE_KINDS, type PurposeKind } from "../api/types";
import { problemText, t, word } from "../i18n";
import { stamp } from "../i18n/time";
import { href } from "../store/route";
import { ended, look, may, purpose, settle } from "../store/session";
import { Icon } from "../ui/icon";
import { Failed } from "../ui/notice";

/** An owner's look at his own data has a page of its own: nobody opens it here. */
type Offered = Exclude<PurposeKind, "owner">;
const NEEDS: Record<Offered, Permission> = {
  case: "open_case",
  patrol: "open_patrol",
  maintenance: "open_maintenance",
};

/** In place of a view that is shown under a purpose only: asks for one. */
export const PurposeGate = ({ first }: { first?: PurposeKind }) => (
  <section class="gate panel">
    <h2>{t("purpose.title")}</h2>
    <PurposePanel done={() => {}} {...(first ? { first } : {})} />
  </section>
);

/** Choose why one looks: an open case, a patrol, or maintenance; `first` is what is most likely here. */
export function PurposePanel({ done, first }: { done: () => void; first?: PurposeKind }) {
  const kinds = PURPOSE_KINDS.filter((kind): kind is Offered => kind !== "owner" && may(NEEDS[kind]));
  const [kind, setKind] = useState<Offered | undefined>(kinds.find((one) => one === first) ?? kinds[0]);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const [open, setOpen] = useState<Purpose[]>([]);
  useEffect(() => {
    api.listPurposes().then(setOpen, settle); // without the list one opens a new purpose
  }, []);

  async function enter(make: () => Promise<Purpose>): Promise<void> {
    setBusy(true);
    setProblem(null);
    try {
      await look(await make());
      done();
    } catch (err) {
      setProblem(settle(err));
      setBusy(false);
    }
  }

  if (kind === undefined) return <p class="hint">{t("purpose.notAllowed")}</p>;
  return (
    <div class="purpose-panel">
      {ended.value === "purpose" && <p class="hint">{t("ended.purpose")}</p>}
      <p class="muted">{t("purpose.why")}</p>
      <OpenOnes open={open} busy={busy} choose={(one) => enter(() => Promise.resolve(one))} />
      {kinds.length > 1 && (
        <div class="segments" role="radiogroup" aria-label={t("purpose.title")}>
          {kinds.map((one) => (
            <label key={one}>
              <input type="radio" name="purpose-kind" checked={one === kind} onChange={() => setKind(one)} />
              <span>{word("purpose", one)}</span>
            </label>
          ))}
        </div>
      )}
      {problem && (
        <p class="error" role="alert">
          {problemText(problem)}
        </p>
      )}
      {kind === "case" ? (
        <CaseChoice
          busy={busy}
          choose={(one) =>
            enter(async () => open.find((other) => other.case_id === one.id) ?? api.openPurpose("case", one.title, one.id))
          }
        />
      ) : (
        <>
          {kind === "patrol" && (
            <a class="button planned" href={href("patrol")} onClick={done}>
              <Icon name="patrol" /> {t("purpose.planned")}
            </a>
          )}
          <ReasonForm key={kind} kind={kind} busy={busy} open={(reason) => enter(() => api.openPurpose(kind, reason, null))} />
        </>
      )}
    </div>
  );
}

/** Purposes of this shift that are still open, say after signing in again. */
function OpenOnes({
  open,
  busy,
  choose,
}: {
  open: readonly Purpose[];
  busy: boolean;
  choose: (one: Purpose) => Promise<void>;
}) {
  const others = open.filter((one) => one.id !== purpose.value?.id);
  if (others.length === 0) return null;
  return (
    <div>
      <h3>{t("purpose.goOn")}</h3>
      <ul class="choices">
        {others.map((one) => (
          <li key={one.id}>
            <button type="button" class="choice" disabled={busy} onClick={() => void choose(one)}>
              <span>
                <span class="tag">{word("purpose", one.kind)}</span> <strong>{one.case_number}</strong> {one.reason}
              </span>
              <span class="muted small">{t("purpose.since", { from: stamp(one.opened_at), to: stamp(one.expires_at) })}</span>
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

function CaseChoice({ busy, choose }: { busy: boolean; choose: (one: Case) => Promise<void> }) {
  const [cases, setCases] = useState<Case[] | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [text, setText] = useState("");
  const [making, setMaking] = useState(false);

  async function read(): Promise<void> {
    try {
      setCases((await api.listCases()).filter((one) => one.closed_at === null));
      setProblem(null);
    } catch (err) {
      setProblem(settle(err));
    }
  }
  useEffect(() => void read(), []);

  if (problem) return <Failed problem={problem} retry={() => void read()} />;
  if (cases === null) return <p class="muted">{t("loading")}</p>;
  const wanted = text.trim().toLowerCase();
  const shown = cases.filter((one) => `${one.number} ${one.title}`.toLowerCase().includes(wanted));
  return (
    <>
      {cases.length > 5 && (
        <input
          type="search"
          placeholder={t("case.search")}
          aria-label={t("case.search")}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      )}
      {cases.length === 0 && <p class="hint">{may("manage_cases") ? t("case.none") : t("case.none.ask")}</p>}
      <ul class="choices">
        {shown.map((one) => (
          <li key={one.id}>
            <button type="button" class="choice" disabled={busy} onClick={() => void choose(one)}>
              <strong>{one.title}</strong>
              <span class="muted small">
                {one.number} · {t("case.opened", { at: stamp(one.opened_at).slice(0, 16), by: one.opened_by })}
              </span>
            </button>
          </li>
        ))}
      </ul>
      {may("manage_cases") &&
        (making ? (
          <CaseForm
            made={(one) => {
              setCases([one, ...cases]);
              setMaking(false);
              void choose(one);
            }}
            cancel={() => setMaking(false)}
          />
        ) : (
          <button type="button" onClick={() => setMaking(true)}>
            {t("case.new")}
          </button>
        ))}
    </>
  );
}

function CaseForm({ made, cancel }: { made: (one: Case) => void; cancel: () => void }) {
  const [number, setNumber] = useState("");
  const [title, setTitle] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      made(await api.createCase({ number: number.trim(), title: title.trim() }));
    } catch (err) {
      setProblem(settle(err));
      setBusy(false);
    }
  }

  return (
    <form class="subform" onSubmit={(event) => void submit(event)}>
      <label class="field">
        <span>{t("case.number")}</span>
        <input required maxLength={64} value={number} autofocus onInput={(event) => setNumber(event.currentTarget.value)} />
      </label>
      <label class="field">
        <span>{t("case.title")}</span>
        <input
          required
          maxLength={200}
          placeholder={t("case.title.example")}
          value={title}
          onInput={(event) => setTitle(event.currentTarget.value)}
        />
      </label>
      {problem && (
        <p class="error" role="alert">
          {problemText(problem)}
        </p>
      )}
      <div class="row">
        <button type="submit" class="primary" disabled={busy}>
          {t("case.create")}
        </button>
        <button type="button" onClick={cancel}>
          {t("cancel")}
        </button>
      </div>
    </form>
  );
}

function ReasonForm({
  kind,
  busy,
  open,
}: {
  kind: "patrol" | "maintenance";
  busy: boolean;
  open: (reason: string) => Promise<void>;
}) {
  const [reason, setReason] = useState("");
  return (
    <form
      class="subform"
      onSubmit={(event) => {
        event.preventDefault();
        void open(reason.trim());
      }}
    >
      <label class="field">
        <span>{t("purpose.reason")}</span>
        <input
          required
          maxLength={200}
          placeholder={t(`purpose.example.${kind}`)}
          value={reason}
          onInput={(event) => setReason(event.currentTarget.value)}
        />
      </label>
      <button type="submit" class="primary" disabled={busy || reason.trim() === ""}>
        {t("purpose.open", { kind: word("purpose", kind) })}
      </button>
    </form>
  );
}
