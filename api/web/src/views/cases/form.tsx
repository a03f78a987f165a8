import { useState } from "preact/hooks";
import { type CaseBody, casePeople, changeCase, createCase } from "../../api/cases";
import type { Problem } from "../../api/client";
import { type Case, type Offence, OFFENCES, type Person } from "../../api/types";
import { t, word } from "../../i18n";
import { minute, parseLocal } from "../../i18n/time";
import { useAsked } from "../../store/asked";
import { session, settle } from "../../store/session";
import { Field } from "../../ui/field";
import { FormEnd } from "../../ui/formend";
import { Stale } from "../../ui/notice";
import { PlacePick } from "../../ui/placepick";
import { toast } from "../../ui/toast";

const DAY_MS = 86_400_000;
const MOST_PLACES = 20;

interface Props {
  /** The case to be changed; without it a new one. */
  of?: Case;
  done: (one: Case) => void;
  cancel: () => void;
  /** Somebody else changed the case meanwhile. */
  overtaken?: () => void;
  /** What the button says of a new one. */
  makes?: string;
}

interface Draft {
  number: string;
  title: string;
  offence: Offence;
  offence_text: string;
  places: string[];
  from: string;
  to: string;
  responsible: string;
  members: string[];
  expires: string;
}

function drafted(of: Case | undefined): Draft {
  const user = session.value?.user;
  return {
    number: of?.number ?? "",
    title: of?.title ?? "",
    offence: of?.offence ?? "livestock",
    offence_text: of?.offence_text ?? "",
    // Who looks after one village opens cases of it.
    places: of ? [...of.places] : user?.grants.length === 1 && user.grants[0]!.length === 12 ? [user.grants[0]!] : [],
    from: minute(of?.starts_at ?? Date.now() - DAY_MS),
    to: minute(of?.ends_at ?? Date.now()),
    responsible: of?.responsible?.id ?? user?.id ?? "",
    members: of?.members.map((one) => one.id) ?? [],
    expires: of?.expires_at ? minute(of.expires_at) : "",
  };
}

/** A case to open or to change: what happened, where, when, who works on it. */
export function CaseForm({ of, done, cancel, overtaken, makes }: Props) {
  const [draft, setDraft] = useState(() => drafted(of));
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const { value: people, problem: unread } = useAsked(casePeople);
  const set = (change: Partial<Draft>): void => {
    setDraft({ ...draft, ...change });
    setProblem(null);
  };
  const wrong = (path: string): string | null => {
    const found = problem?.fields.find((one) => one.path === `body.${path}` || one.path.startsWith(`body.${path}.`));
    return found ? fieldText(path, found.code) : null;
  };
  const [from, to] = [parseLocal(draft.from), parseLocal(draft.to)];
  const expires = draft.expires === "" ? null : parseLocal(draft.expires);
  const possible = draft.places.length > 0 && from !== null && to !== null && from < to && (draft.expires === "" || expires !== null);

  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    if (!from || !to) return;
    setBusy(true);
    setProblem(null);
    const body: Partial<CaseBody> & { title: string } = {
      title: draft.title.trim(),
      offence: draft.offence,
      offence_text: draft.offence === "other" ? draft.offence_text.trim() : "",
      places: draft.places,
      starts_at: from.toISOString(),
      ends_at: to.toISOString(),
      responsible_id: draft.responsible,
      member_ids: draft.members,
      ...(expires ? { expires_at: expires.toISOString() } : {}),
    };
    try {
      const kept = of ? await changeCase(of.id, of.revision, changed(of, body)) : await createCase({ ...body, number: draft.number.trim() });
      toast(t(of ? "case.saved" : "case.made", { number: kept.number }), { tone: "ok" });
      done(kept);
    } catch (err) {
      const problem = settle(err);
      setProblem(problem);
      setBusy(false);
      if (problem.code === "case_stale") overtaken?.(); // opened again, it is of the case as it is now
    }
  }

  return (
    <form class="admin-form case-form" onSubmit={(event) => void submit(event)}>
      {unread && <Stale problem={unread} />}
      <div class="case-columns">
        <div class="admin-form">
          {!of && (
            <Field label={t("case.number")} error={wrong("number")}>
              {(wired) => (
                <input {...wired} required maxLength={64} autofocus value={draft.number} onInput={(event) => set({ number: event.currentTarget.value })} />
              )}
            </Field>
          )}
          <Field label={t("case.title")} error={wrong("title")}>
            {(wired) => (
              <input
                {...wired}
                required
                maxLength={200}
                placeholder={t("case.title.example")}
                value={draft.title}
                onInput={(event) => set({ title: event.currentTarget.value })}
              />
            )}
          </Field>
          <Field label={t("case.offence")}>
            {(wired) => (
              <select {...wired} value={draft.offence} onChange={(event) => set({ offence: event.currentTarget.value as Offence })}>
                {OFFENCES.map((one) => (
                  <option key={one} value={one}>
                    {word("offence", one)}
                  </option>
                ))}
              </select>
            )}
          </Field>
          {draft.offence === "other" && (
            <Field label={t("case.offence.text")}>
              {(wired) => (
                <input {...wired} maxLength={200} value={draft.offence_text} onInput={(event) => set({ offence_text: event.currentTarget.value })} />
              )}
            </Field>
          )}
          <div class="case-times">
            <Field label={t("case.from")} error={wrong("starts_at")}>
              {(wired) => <input {...wired} required value={draft.from} onInput={(event) => set({ from: event.currentTarget.value })} />}
            </Field>
            <Field label={t("case.to")} error={wrong("ends_at")}>
              {(wired) => <input {...wired} required value={draft.to} onInput={(event) => set({ to: event.currentTarget.value })} />}
            </Field>
          </div>
          <p class="field-hint">{t("case.window.hint")}</p>
          <Field label={t("case.expires")} error={wrong("expires_at")} hint={t("case.expires.hint")}>
            {(wired) => <input {...wired} value={draft.expires} placeholder="2026-12-31 18:00" onInput={(event) => set({ expires: event.currentTarget.value })} />}
          </Field>
        </div>
        <div class="admin-form">
          <PlacePick
            label={t("case.places")}
            none={wrong("places") ?? t("case.places.none")}
            chosen={draft.places}
            onChange={(places) => set({ places })}
            everywhere={session.value?.user.grants.length === 0}
            most={MOST_PLACES}
          />
          <Members people={people ?? of?.members ?? []} draft={draft} set={set} />
        </div>
      </div>
      <FormEnd problem={problem} send={of ? t("case.save") : (makes ?? t("case.make"))} disabled={busy || !possible} cancel={cancel} />
    </form>
  );
}

/** What differs from the case as it was read: two who change different things do not undo each other unseen. */
function changed(of: Case, body: Partial<CaseBody>): Partial<CaseBody> {
  const was: Record<string, unknown> = {
    title: of.title,
    offence: of.offence,
    offence_text: of.offence_text,
    places: of.places.join(),
    starts_at: of.starts_at && minute(of.starts_at),
    ends_at: of.ends_at && minute(of.ends_at),
    responsible_id: of.responsible?.id,
    member_ids: of.members.map((one) => one.id).sort().join(),
    expires_at: minute(of.expires_at),
  };
  const plain = (name: string, value: unknown): unknown =>
    Array.isArray(value) ? [...value].sort().join() : name.endsWith("_at") ? minute(value as string) : value;
  return Object.fromEntries(Object.entries(body).filter(([name, value]) => plain(name, value) !== was[name]));
}

/** What is wrong with a field, by what the hub says of it. */
function fieldText(path: string, code: string): string {
  if (code === "too_long") return t("case.wrong.long");
  return t(path.endsWith("_at") ? "case.wrong.time" : "case.wrong.value");
}

interface MembersProps {
  people: readonly Person[];
  draft: Draft;
  set: (change: Partial<Draft>) => void;
}

function Members({ people, draft, set }: MembersProps) {
  const [text, setText] = useState("");
  const wanted = text.trim().toLowerCase();
  const name = (one: Person): string => one.display_name || one.name;
  const toggle = (id: string): void =>
    set({ members: draft.members.includes(id) ? draft.members.filter((one) => one !== id) : [...draft.members, id] });
  const shown = people.filter((one) => `${one.name} ${one.display_name} ${one.unit}`.toLowerCase().includes(wanted));
  return (
    <fieldset class="grants">
      <legend>{t("case.members")}</legend>
      <Field label={t("case.responsible")}>
        {(wired) => (
          <select {...wired} value={draft.responsible} onChange={(event) => set({ responsible: event.currentTarget.value })}>
            {people.map((one) => (
              <option key={one.id} value={one.id}>
                {name(one)} {one.unit && `· ${one.unit}`}
              </option>
            ))}
          </select>
        )}
      </Field>
      <input
        type="search"
        aria-label={t("case.members.search")}
        placeholder={t("case.members.search")}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
      />
      <div class="grant-tree">
        {shown.slice(0, 100).map((one) => (
          <label key={one.id} class="check">
            <input
              type="checkbox"
              checked={one.id === draft.responsible || draft.members.includes(one.id)}
              disabled={one.id === draft.responsible}
              onChange={() => toggle(one.id)}
            />
            <span>
              {name(one)} <span class="muted small">{one.unit}</span>
            </span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
