import { useEffect, useRef } from "preact/hooks";
import { askOnvif, type Report, type TrialOrder, tryStream } from "../../../api/register";
import { t } from "../../../i18n";
import { type Channel, channelOf, type NewDevice, password } from "../../../store/newdevice";
import { Notice } from "../../../ui/notice";
import { TrialView, useTrial } from "../trial";
import type { PartProps } from ".";
import { useTemplates } from "./box";

const anOnvifPort = (draft: NewDevice): { onvif_port?: number } =>
  Number(draft.onvif_port) > 0 ? { onvif_port: Number(draft.onvif_port) } : {};

/** Tries the stream as the hub would pull it, and says of each step what it means. */
export function TestPart({ draft, change }: PartProps) {
  const templates = useTemplates();
  const template = templates.find((one) => one.vendor === draft.vendor);
  const [trial, run, cancel] = useTrial((report) => change((was) => ({ report, channels: channelsAfter(was, report) })));
  const begun = useRef(false);

  function channelsAfter(was: NewDevice, report: Report): Channel[] {
    if (was.way === "onvif") return was.channels;
    const name = was.channels[0]?.name ?? "";
    if (was.way === "template" && template) return [channelOf(template, was, was.channel.trim(), name)];
    return [{ key: "1", on: true, name, sub_url: report.url, main_url: was.channels[0]?.main_url ?? "", gb_id: "" }];
  }

  const begin = (): Promise<void> =>
    run(async (each, signal) => {
      const signed = { username: draft.username.trim(), password: password.value };
      const at: TrialOrder =
        draft.way === "address"
          ? { ...signed, url: draft.url.trim() }
          : {
              ...signed,
              vendor: draft.vendor,
              host: draft.host.trim(),
              channel: Number(draft.channel),
              stream: "sub",
              ...(draft.port.trim() === "" ? {} : { port: Number(draft.port) }),
            };
      if (draft.way !== "onvif") return tryStream(at, each, signal);
      const box = await askOnvif({ host: draft.host.trim(), port: Number(draft.onvif_port) || 80, ...signed }, signal);
      const channels = box.profiles.map((one, index) => ({
        key: one.source,
        on: true,
        name: box.profiles.length === 1 ? draft.device_name : one.name || `${index + 1}`,
        main_url: one.main_url,
        sub_url: one.sub_url ?? one.main_url,
        gb_id: "",
      }));
      change({ channels, found_vendor: box.vendor, found_model: box.model });
      const first = channels[0];
      if (first) await tryStream({ ...signed, ...anOnvifPort(draft), url: first.sub_url }, each, signal);
      return undefined;
    });

  // A template that is not read yet cannot say what its channels' addresses are.
  const ready = draft.way !== "template" || template !== undefined;
  useEffect(() => {
    if (begun.current || draft.report !== null || !ready) return;
    begun.current = true;
    void begin();
  }, [ready]);

  const kept = trial.report === null && !trial.running && trial.problem === null && draft.report !== null;
  const shown = kept ? { ...trial, steps: draft.report!.steps, stream: draft.report!.stream, report: draft.report } : trial;
  return (
    <>
      <p class="hint">{t("add.test.civilian")}</p>
      {draft.way === "onvif" && draft.channels.length > 0 && (
        <p>{t("add.test.onvif", { box: [draft.found_vendor, draft.found_model].filter(Boolean).join(" "), n: draft.channels.length })}</p>
      )}
      <TrialView trial={shown} cancel={cancel} />
      {!trial.running && (
        <button type="button" onClick={() => void begin()}>
          {t("add.test.again")}
        </button>
      )}
      {!trial.running && draft.way === "onvif" && trial.problem === null && draft.channels.length === 0 && begun.current && (
        <Notice tone="warn" title={t("add.test.nothing")} />
      )}
    </>
  );
}
