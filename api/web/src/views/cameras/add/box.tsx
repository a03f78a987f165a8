import { useEffect, useState } from "preact/hooks";
import { type Device, listTemplates, type Template } from "../../../api/register";
import { t, word } from "../../../i18n";
import { type NewDevice, password, takeUrl, typedUrl, WAYS, type Way } from "../../../store/newdevice";
import { settle } from "../../../store/session";
import { Field } from "../../../ui/field";
import { Segments } from "../../../ui/tabs";
import { wrongText } from "../fields";
import type { PartProps } from ".";

/** How the box is reached: its address as pasted, ONVIF, a maker's template, or a WiFi probe that is registered only. */
export function BoxPart({ draft, change, wrong, known }: PartProps & { known: Device | null }) {
  const text = (name: "host" | "username" | "port" | "onvif_port" | "channel" | "url", mode: "url" | "numeric" | "text", most: number) => (
    <Field label={t(`box.${name}`)} error={wrongText(wrong[name])} hint={name === "url" ? t("box.url.hint") : undefined}>
      {(wired) => (
        <input
          {...wired}
          name={name}
          inputMode={mode}
          maxLength={most}
          autocomplete="off"
          autocapitalize="none"
          spellcheck={false}
          placeholder={name === "url" ? "rtsp://192.168.1.64:554/stream2" : name === "host" ? "192.168.1.64" : undefined}
          value={name === "url" ? (typedUrl.value ?? draft.url) : draft[name]}
          onInput={(event) => {
            if (name === "url") typedUrl.value = event.currentTarget.value;
            else change(untried({ [name]: event.currentTarget.value }));
          }}
          onChange={() => name === "url" && change(untried(takeUrl()))}
        />
      )}
    </Field>
  );
  return (
    <>
      <Segments<Way>
        label={t("add.way")}
        value={draft.way}
        options={WAYS.map((value) => ({ value, label: t(`way.${value}`) }))}
        onChange={(way) =>
          change({
            ...untried({ way }),
            form: { ...draft.form, kind: way === "probe" ? "wifi_probe" : draft.form.kind === "wifi_probe" ? "public" : draft.form.kind },
            channels: way === "probe" ? [{ key: "1", on: true, name: "", sub_url: "", main_url: "", gb_id: "" }] : [],
          })
        }
      />
      <p class="muted">{t(`way.means.${draft.way}`)}</p>
      {draft.way === "address" && <div class="fields fields-wide">{text("url", "url", 1000)}</div>}
      <div class="fields">
        {draft.way === "template" && <TemplateFields draft={draft} change={change} wrong={wrong} />}
        {draft.way !== "address" && text("host", "url", 253)}
        {draft.way === "onvif" && text("onvif_port", "numeric", 5)}
        {draft.way === "template" && text("channel", "numeric", 3)}
        {draft.way === "template" && text("port", "numeric", 5)}
        {draft.way !== "probe" && text("username", "text", 64)}
        {draft.way !== "probe" && (
          <Field label={t("box.password")} error={wrongText(wrong.password)} hint={t("box.password.sealed")}>
            {(wired) => (
              <input
                {...wired}
                name="device-password"
                type="password"
                maxLength={128}
                autocomplete="new-password"
                value={password.value}
                onInput={(event) => {
                  password.value = event.currentTarget.value;
                }}
              />
            )}
          </Field>
        )}
      </div>
      {known && (
        <div class="hint" role="status">
          <p>{t("add.known", { name: known.name })}</p>
          <label class="check">
            <input
              type="checkbox"
              checked={draft.device_id === known.id}
              onChange={(event) => change({ device_id: event.currentTarget.checked ? known.id : null })}
            />
            <span>{t("add.known.join")}</span>
          </label>
        </div>
      )}
    </>
  );
}

/** What was found under another address says nothing of this one. */
const untried = (part: Partial<NewDevice>): Partial<NewDevice> => ({ ...part, report: null, device_id: null, found_vendor: "", found_model: "", reached: "box" });

function TemplateFields({ draft, change, wrong }: PartProps) {
  const templates = useTemplates();
  const chosen = templates.find((one) => one.vendor === draft.vendor);
  return (
    <Field
      label={t("box.vendor")}
      error={wrongText(wrong.vendor)}
      hint={chosen && chosen.notes.length > 0 ? chosen.notes.map((one) => word("vendorNote", one)).join(" ") : undefined}
    >
      {(wired) => (
        <select {...wired} name="vendor" value={draft.vendor} onChange={(event) => change(untried({ vendor: event.currentTarget.value }))}>
          <option value="">{t("choose")}</option>
          {templates.map((one) => (
            <option key={one.vendor} value={one.vendor}>
              {word("vendor", one.vendor)}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
}

export function useTemplates(): readonly Template[] {
  const [templates, setTemplates] = useState<readonly Template[]>([]);
  useEffect(() => {
    listTemplates().then(setTemplates, settle);
  }, []);
  return templates;
}
