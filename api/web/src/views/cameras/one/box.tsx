import { useState } from "preact/hooks";
import type { Problem } from "../../../api/client";
import { changeDevice, type Device, getDevice, replaceBox, tryDevice } from "../../../api/register";
import { t, word } from "../../../i18n";
import { useAsked } from "../../../store/asked";
import { type Complaints, refused } from "../../../store/cameraform";
import { hostOf } from "../../../store/camerarows";
import { settle } from "../../../store/session";
import { Field } from "../../../ui/field";
import { Wrong } from "../../../ui/formend";
import { Unread } from "../../../ui/notice";
import { toast } from "../../../ui/toast";
import { wrongText } from "../fields";
import { TrialView, useTrial } from "../trial";
import type { Loaded } from ".";

/** The box behind the camera: how it is reached, its password, another try, and another box in its place. */
export function Box({ camera, keep }: Loaded) {
  const { value: device, problem, keep: setDevice, again } = useAsked((until) => getDevice(camera.device_id, until), [camera.device_id]);
  if (device === null || problem) return <Unread problem={problem} retry={again} />;
  return (
    <div class="one-box">
      <BoxFacts device={device} />
      {camera.kind !== "wifi_probe" && <TestAgain camera={camera} keep={keep} device={device} />}
      <Access key={device.id} device={device} keep={setDevice} />
      <Replace camera={camera} keep={keep} device={device} />
    </div>
  );
}

function BoxFacts({ device }: { device: Device }) {
  return (
    <div class="panel">
      <h2>{t("box.title")}</h2>
      <dl class="record">
        {(
          [
            [t("box.name"), device.name],
            [t("box.type"), word("device", device.type)],
            [t("box.host"), device.host],
            [t("box.model"), [device.vendor, device.model].filter(Boolean).join(" ")],
            [t("box.username"), device.username],
            [t("box.password"), t(device.has_password ? "box.password.kept" : "box.password.none")],
            [t("box.onvif_port"), device.onvif_port === null ? "" : String(device.onvif_port)],
          ] as const
        ).map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value ? <bdi>{value}</bdi> : <span class="muted">{t("fact.untold")}</span>}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

function TestAgain({ camera, device }: Loaded & { device: Device }) {
  const [trial, run, cancel] = useTrial();
  const streams = (["sub", "main"] as const).filter((one) => camera[`${one}_url`] !== null);
  return (
    <div class="panel">
      <h2>{t("box.test")}</h2>
      <div class="row">
        {streams.map((stream) => (
          <button
            key={stream}
            type="button"
            disabled={trial.running}
            onClick={() => void run((each, signal) => tryDevice(device.id, { camera_id: camera.id, stream }, each, signal))}
          >
            {t(`box.test.${stream}`)}
          </button>
        ))}
        {streams.length === 0 && <span class="muted">{t("box.test.none")}</span>}
      </div>
      <TrialView trial={trial} cancel={cancel} />
    </div>
  );
}

interface AccessForm {
  host: string;
  username: string;
  password: string;
  onvif_port: string;
}

/** Address, user name and password. An empty password field keeps the one the hub has, unless the host changes. */
function Access({ device, keep }: { device: Device; keep: (device: Device) => void }) {
  /** What one changed; the rest is the box as it is now. */
  const [own, setOwn] = useState<Partial<AccessForm>>({});
  const [wrong, setWrong] = useState<Complaints>({});
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  const form = { ...accessOf(device), ...own };
  const change = (part: Partial<AccessForm>): void => setOwn((was) => ({ ...was, ...part }));
  async function save(event: Event): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    setWrong({});
    try {
      keep(await changeDevice(device.id, changed(form, device), device.revision));
      setOwn((was) => (was === own ? {} : was));
      toast(t("edit.saved"), { tone: "ok" });
    } catch (err) {
      const told = settle(err);
      setProblem(told);
      setWrong(refused(told.fields));
      if (told.code === "device_stale") await reread();
    }
    setBusy(false);
  }
  /** What one changed is put on what somebody else made of the box. */
  async function reread(): Promise<void> {
    try {
      keep(await getDevice(device.id));
    } catch (err) {
      setProblem(settle(err));
    }
  }
  return (
    <form class="panel" onSubmit={(event) => void save(event)}>
      <h2>{t("box.access")}</h2>
      <AccessFields form={form} change={change} wrong={wrong} kept={device.has_password && form.host === device.host} />
      <Wrong problem={problem} />
      <div class="form-foot">
        <button type="submit" class="primary" disabled={busy || Object.keys(changed(form, device)).length === 0}>
          {t("edit.save")}
        </button>
      </div>
    </form>
  );
}

const accessOf = (device: Device): AccessForm => ({
  host: device.host,
  username: device.username,
  password: "",
  onvif_port: device.onvif_port === null ? "" : String(device.onvif_port),
});

function changed(form: AccessForm, device: Device): Record<string, unknown> {
  const change: Record<string, unknown> = {};
  if (form.host.trim() !== device.host) change.host = form.host.trim();
  if (form.username.trim() !== device.username) change.username = form.username.trim();
  if (form.password !== "") change.password = form.password;
  const port = form.onvif_port.trim() === "" ? null : Number(form.onvif_port);
  if (port !== device.onvif_port) change.onvif_port = port;
  return change;
}

interface AccessFieldsProps {
  form: AccessForm;
  change: (part: Partial<AccessForm>) => void;
  wrong: Complaints;
  /** The hub keeps a password that stays when none is typed. */
  kept: boolean;
}

function AccessFields({ form, change, wrong, kept }: AccessFieldsProps) {
  return (
    <div class="fields">
      <Field label={t("box.host")} error={wrongText(wrong.host)}>
        {(wired) => (
          <input {...wired} name="host" required maxLength={253} inputMode="url" autocapitalize="none" spellcheck={false} value={form.host} onInput={(event) => change({ host: event.currentTarget.value })} />
        )}
      </Field>
      <Field label={t("box.username")} error={wrongText(wrong.username)}>
        {(wired) => (
          <input {...wired} name="device-user" maxLength={64} autocomplete="off" autocapitalize="none" spellcheck={false} value={form.username} onInput={(event) => change({ username: event.currentTarget.value })} />
        )}
      </Field>
      <Field label={t("box.password")} error={wrongText(wrong.password)} hint={kept ? t("box.password.keep") : undefined}>
        {(wired) => (
          <input {...wired} name="device-password" type="password" maxLength={128} autocomplete="new-password" value={form.password} onInput={(event) => change({ password: event.currentTarget.value })} />
        )}
      </Field>
      <Field label={t("box.onvif_port")} error={wrongText(wrong.onvif_port)} optional={t("optional")}>
        {(wired) => (
          <input {...wired} name="onvif_port" inputMode="numeric" maxLength={5} value={form.onvif_port} onInput={(event) => change({ onvif_port: event.currentTarget.value.replace(/\D/g, "") })} />
        )}
      </Field>
    </div>
  );
}

/** Another box in the place of this one: zones, consents, events and the GB code stay with the camera. */
function Replace({ camera, keep, device }: Loaded & { device: Device }) {
  const [open, setOpen] = useState(false);
  const [form, setForm] = useState<AccessForm>({ host: "", username: device.username, password: "", onvif_port: "" });
  const [urls, setUrls] = useState<{ sub_url: string; main_url: string } | null>(null);
  const [wrong, setWrong] = useState<Complaints>({});
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  // As long as nobody wrote others, the new box is taken to have its streams where the old one had them.
  const shown = urls ?? moved(camera.sub_url, camera.main_url, hostOf(camera), form.host.trim());

  async function replace(event: Event): Promise<void> {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    setWrong({});
    try {
      const made = await replaceBox(camera.id, {
        host: form.host.trim(),
        username: form.username.trim(),
        ...(form.password === "" ? {} : { password: form.password }),
        ...(form.onvif_port === "" ? {} : { onvif_port: Number(form.onvif_port) }),
        ...(shown.sub_url ? { sub_url: shown.sub_url } : {}),
        ...(shown.main_url ? { main_url: shown.main_url } : {}),
        expected_revision: camera.revision,
      });
      keep(made);
      setOpen(false);
      toast(t("replace.done"), { tone: "ok" });
    } catch (err) {
      const told = settle(err);
      setProblem(told);
      setWrong(refused(told.fields));
    }
    setBusy(false);
  }

  return (
    <div class="panel">
      <h2>{t("replace.title")}</h2>
      <p class="muted">{t("replace.means")}</p>
      {!open ? (
        <button type="button" onClick={() => setOpen(true)}>
          {t("replace.begin")}
        </button>
      ) : (
        <form onSubmit={(event) => void replace(event)}>
          <AccessFields form={form} change={(part) => setForm((was) => ({ ...was, ...part }))} wrong={wrong} kept={false} />
          {camera.kind !== "wifi_probe" && (
            <div class="fields fields-wide">
              {(["sub_url", "main_url"] as const).map((name) => (
                <Field key={name} label={t(`field.${name}`)} error={wrongText(wrong[name])}>
                  {(wired) => (
                    <input {...wired} name={name} inputMode="url" maxLength={1000} spellcheck={false} value={shown[name]} onInput={(event) => setUrls({ ...shown, [name]: event.currentTarget.value })} />
                  )}
                </Field>
              ))}
            </div>
          )}
          <Wrong problem={problem} />
          <div class="form-foot">
            <button type="submit" class="primary" disabled={busy}>
              {t("replace.go")}
            </button>
            <button type="button" onClick={() => setOpen(false)}>
              {t("cancel")}
            </button>
          </div>
        </form>
      )}
    </div>
  );
}

function moved(sub: string | null, main: string | null, from: string, to: string): { sub_url: string; main_url: string } {
  const shown = to.includes(":") && !to.startsWith("[") ? `[${to}]` : to;
  const at = (url: string | null): string => (url === null || shown === "" ? "" : url.replace(from, shown));
  return { sub_url: at(sub), main_url: at(main) };
}
