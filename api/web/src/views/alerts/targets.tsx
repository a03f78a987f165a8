import { useState } from "preact/hooks";
import { type AlertTarget, changeTarget, createTarget, listTargets, type MadeTarget, removeTarget, TARGET_KINDS, type TargetKind, tryTarget } from "../../api/alerts";
import type { Problem } from "../../api/client";
import { problemText, t, word } from "../../i18n";
import { useAsked } from "../../store/asked";
import { may, settle } from "../../store/session";
import { Dialog } from "../../ui/dialog";
import { Field } from "../../ui/field";
import { Notice, Stale, Unread } from "../../ui/notice";
import { Menu } from "../../ui/popover";
import { Segments } from "../../ui/tabs";
import { toast } from "../../ui/toast";
import { Toolbar } from "../../ui/toolbar";

/** Webhooks and mailboxes. Only an administrator makes them: what is sent there leaves the hub. */
export function Targets() {
  const { value: targets, problem, again, act } = useAsked(() => listTargets());
  const [adding, setAdding] = useState(false);
  const [made, setMade] = useState<MadeTarget | null>(null);
  const [trying, setTrying] = useState<string | null>(null);
  const mine = may("manage_targets");

  async function test(one: AlertTarget): Promise<void> {
    setTrying(one.id);
    try {
      const tried = await tryTarget(one.id);
      toast(tried.ok ? t("alerts.test.ok", { name: one.name }) : t("alerts.test.failed", { name: one.name, why: tried.error }), {
        tone: tried.ok ? "ok" : "bad",
      });
    } catch (err) {
      toast(problemText(settle(err)), { tone: "bad" });
    } finally {
      setTrying(null);
    }
  }

  if (targets === null) return <Unread problem={problem} retry={again} />;
  return (
    <>
      {problem && <Stale problem={problem} />}
      <Toolbar label={t("alerts.targets")}>
        <span class="muted">{t(mine ? "alerts.targets.hint" : "alerts.targets.ask")}</span>
        <span class="grow" />
        {mine && (
          <button type="button" class="primary" onClick={() => setAdding(true)}>
            {t("alerts.target.new")}
          </button>
        )}
      </Toolbar>
      {targets.length === 0 && <Notice title={t("alerts.targets.none")} />}
      <ul class="rule-list">
        {targets.map((one) => (
          <li key={one.id} class={one.enabled ? "panel rule" : "panel rule rule-off"}>
            <div class="rule-head">
              <strong>{one.name}</strong>
              <span class="tag">{word("targetKind", one.kind)}</span>
              {!one.enabled && <span class="tag">{t("alerts.off")}</span>}
              <span class="grow" />
              {mine && (
                <>
                  <button type="button" class="small-button" disabled={trying !== null} onClick={() => void test(one)}>
                    {t(trying === one.id ? "alerts.test.busy" : "alerts.test")}
                  </button>
                  <Menu
                    label={t("alerts.rule.more", { name: one.name })}
                    items={[
                      {
                        label: t(one.enabled ? "alerts.switchOff" : "alerts.switchOn"),
                        run: () => void act(() => changeTarget(one.id, { enabled: !one.enabled })),
                      },
                      { label: t("alerts.remove"), danger: true, run: () => void act(() => removeTarget(one.id)) },
                    ]}
                  />
                </>
              )}
            </div>
            <code>{one.address}</code>
          </li>
        ))}
      </ul>
      {adding && (
        <Dialog label={t("alerts.target.new")} onClose={() => setAdding(false)}>
          <TargetForm
            done={(target) => {
              setAdding(false);
              if (target.secret) setMade(target);
              again();
            }}
          />
        </Dialog>
      )}
      {made && (
        <Dialog label={t("alerts.secret")} once onClose={() => setMade(null)}>
          <p>{t("alerts.secret.once", { name: made.name })}</p>
          <p>
            <code class="secret">{made.secret}</code>
          </p>
          <p class="muted small">{t("alerts.secret.how")}</p>
          <button type="button" onClick={() => void navigator.clipboard?.writeText(made.secret ?? "")}>
            {t("alerts.secret.copy")}
          </button>
        </Dialog>
      )}
    </>
  );
}

function TargetForm({ done }: { done: (made: MadeTarget) => void }) {
  const [kind, setKind] = useState<TargetKind>("webhook");
  const [name, setName] = useState("");
  const [address, setAddress] = useState("");
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const wrong = problem?.fields.some((one) => one.path.endsWith("address")) ? t(`alerts.address.wrong.${kind}`) : undefined;

  async function save(event: Event): Promise<void> {
    event.preventDefault();
    setBusy(true);
    try {
      done(await createTarget({ name, kind, address: address.trim() }));
    } catch (err) {
      setProblem(settle(err));
      setBusy(false);
    }
  }

  return (
    <form class="rule-form" onSubmit={(event) => void save(event)}>
      <Segments
        label={t("alerts.target.kind")}
        value={kind}
        options={TARGET_KINDS.map((one) => ({ value: one, label: word("targetKind", one) }))}
        onChange={setKind}
      />
      <Field label={t("alerts.target.name")}>
        {(wired) => <input {...wired} required maxLength={64} value={name} onInput={(event) => setName(event.currentTarget.value)} />}
      </Field>
      <Field label={t(`alerts.address.${kind}`)} hint={t(`alerts.address.hint.${kind}`)} error={wrong}>
        {(wired) => (
          <input
            {...wired}
            required
            maxLength={1000}
            type={kind === "email" ? "email" : "url"}
            value={address}
            onInput={(event) => setAddress(event.currentTarget.value)}
          />
        )}
      </Field>
      {problem && !wrong && (
        <p class="field-error" role="alert">
          {problemText(problem)}
        </p>
      )}
      <div class="form-end">
        <button type="submit" class="primary" disabled={busy}>
          {t("alerts.save")}
        </button>
      </div>
    </form>
  );
}
