import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import * as api from "../api/client";
import type { Problem } from "../api/client";
import { type Case, type Permission, type Purpose, PURPOSE_KINDS, type PurposeKind } from "../api/types";
import { t, word } from "../i18n";
import { minute, stamp } from "../i18n/time";
import { places } from "../store/cameras";
import { purposeOf } from "../store/casepurpose";
import { href } from "../store/route";
import { ended, look, may, purpose, settle } from "../store/session";
import { Wrong } from "../ui/formend";
import { Icon } from "../ui/icon";
import { Lazy } from "../ui/lazy";
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

/** What a purpose reaches, in words: places, times, cameras. */
export function reachText(one: Purpose): string {
  const where =
    one.cameras !== null
      ? t("reach.cameras", { n: one.cameras.length })
      : one.places === null
        ? t("reach.own")
        : one.places.map((code) => places.value.get(code)?.name ?? code).join(t("list.and"));
  const when =
    one.looks_back_hours !== null
      ? t("reach.back", { n: one.looks_back_hours })
      : one.since !== null && one.until !== null
        ? `${minute(one.since)} – ${minute(one.until)}`
        : t("reach.always");
  return `${where} · ${when}${one.approval_id ? ` · ${t("reach.granted")}` : ""}`;
}

/**
 * Choose why one looks: an open case, a patrol, or maintenance; `first` is what is most likely here, `camera` the one
 * that stands before one.
 */
export function PurposePanel({ done, first, camera }: { done: () => void; first?: PurposeKind; camera?: string }) {
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
      <Wrong problem={problem} />
      {kind === "case" ? (
        <CaseChoice busy={busy} choose={(one) => enter(() => purposeOf(one, open))} />
      ) : (
        <>
          {kind === "patrol" && (
            <a class="button planned" href={href("patrol")} onClick={done}>
              <Icon name="patrol" /> {t("purpose.planned")}
            </a>
          )}
          <ReasonForm
            key={kind}
            kind={kind}
            busy={busy}
            camera={camera}
            open={(reason, ids) => enter(() => api.openPurpose({ kind, reason, ...(kind === "maintenance" ? { camera_ids: ids } : {}) }))}
          />
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
                <span class="tag">{word("purpose", one.kind)}</span> <strong>{one.case_number}</strong> {one.reason || one.case_title}
              </span>
              <span class="muted small">{reachText(one)}</span>
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
      setCases((await api.listCases()).filter((one) => one.state === "open" && one.member));
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
                {one.number} · {one.places.map((code) => places.value.get(code)?.name ?? code).join(t("list.and"))}
                {one.starts_at && one.ends_at && ` · ${minute(one.starts_at)} – ${minute(one.ends_at)}`}
              </span>
            </button>
          </li>
        ))}
      </ul>
      {may("manage_cases") &&
        (making ? (
          <Lazy
            load={loadForm}
            props={{
              makes: t("case.create"),
              done: (one: Case) => {
                setCases([one, ...cases]);
                setMaking(false);
                void choose(one);
              },
              cancel: () => setMaking(false),
            }}
          />
        ) : (
          <button type="button" onClick={() => setMaking(true)}>
            {t("case.new")}
          </button>
        ))}
    </>
  );
}

type FormProps = Parameters<typeof import("./cases/form").CaseForm>[0];
const loadForm = async (): Promise<ComponentType<FormProps>> => (await import("./cases/form")).CaseForm;
type PickProps = Parameters<typeof import("../ui/camerapick").CameraPick>[0];
const loadPick = async (): Promise<ComponentType<PickProps>> => (await import("../ui/camerapick")).CameraPick;
const MOST_CAMERAS = 20;

function ReasonForm({
  kind,
  busy,
  camera,
  open,
}: {
  kind: "patrol" | "maintenance";
  busy: boolean;
  camera: string | undefined;
  open: (reason: string, cameras: readonly string[]) => Promise<void>;
}) {
  const [reason, setReason] = useState("");
  const [chosen, setChosen] = useState<readonly string[]>(camera ? [camera] : []);
  const works = kind === "maintenance";
  return (
    <form
      class="subform"
      onSubmit={(event) => {
        event.preventDefault();
        void open(reason.trim(), chosen);
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
      {works && (
        <Lazy load={loadPick} props={{ label: t("purpose.cameras"), chosen, onChange: setChosen, most: MOST_CAMERAS }} />
      )}
      <button type="submit" class="primary" disabled={busy || reason.trim() === "" || (works && chosen.length === 0)}>
        {t("purpose.open", { kind: word("purpose", kind) })}
      </button>
    </form>
  );
}
