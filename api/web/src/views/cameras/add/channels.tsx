import { useEffect, useState } from "preact/hooks";
import { t } from "../../../i18n";
import { type Channel, channelOf } from "../../../store/newdevice";
import { Field } from "../../../ui/field";
import { LONGEST, wrongText } from "../fields";
import type { PartProps } from ".";
import { useTemplates } from "./box";

/** Which of the box's pictures become cameras, and what each is called. */
export function ChannelsPart({ draft, change, wrong }: PartProps) {
  const templates = useTemplates();
  const template = templates.find((one) => one.vendor === draft.vendor);
  const [more, setMore] = useState("");
  useEffect(() => {
    // Not tried, or the trial failed: the address is taken as it was given.
    if (draft.channels.length > 0) return;
    if (draft.way === "template") template && change({ channels: [channelOf(template, draft, draft.channel.trim(), "")] });
    else change({ channels: [{ key: "1", on: true, name: "", sub_url: draft.way === "address" ? draft.url.trim() : "", main_url: "", gb_id: "" }] });
  }, [template]);
  const set = (key: string, part: Partial<Channel>): void =>
    change((was) => ({ channels: was.channels.map((one) => (one.key === key ? { ...one, ...part } : one)) }));

  function add(): void {
    if (!template) return;
    const wanted = numbers(more, template.channels).filter((one) => !draft.channels.some((there) => there.key === one));
    change({ channels: [...draft.channels, ...wanted.map((one) => channelOf(template, draft, one, ""))] });
    setMore("");
  }

  return (
    <>
      <p class="muted">{t("channels.means")}</p>
      {wrong.channels && (
        <p class="error" role="alert">
          {t("channels.none")}
        </p>
      )}
      <ul class="channel-list">
        {draft.channels.map((one, index) => (
          <li key={one.key} class={one.on ? "channel" : "channel channel-off"}>
            {draft.channels.length > 1 && (
              <label class="check">
                <input type="checkbox" checked={one.on} onChange={() => set(one.key, { on: !one.on })} />
                <span>{t("channel.number", { n: draft.way === "template" ? one.key : index + 1 })}</span>
              </label>
            )}
            {one.on && (
              <div class="fields">
                <Field label={t("field.name")} error={wrongText(wrong[`name ${one.key}`])} hint={index === 0 ? t("field.name.hint") : undefined}>
                  {(wired) => <input {...wired} name={`name-${index + 1}`} dir="auto" maxLength={LONGEST} value={one.name} onInput={(event) => set(one.key, { name: event.currentTarget.value })} />}
                </Field>
                {(["sub_url", "main_url"] as const).map((name) => (
                  <Field key={name} label={t(`field.${name}`)} error={wrongText(wrong[name])} {...(name === "main_url" ? { optional: t("optional") } : {})}>
                    {(wired) => <input {...wired} name={`${name}-${index + 1}`} inputMode="url" spellcheck={false} maxLength={1000} value={one[name]} onInput={(event) => set(one.key, { [name]: event.currentTarget.value })} />}
                  </Field>
                ))}
              </div>
            )}
          </li>
        ))}
      </ul>
      {template && template.channels > 1 && (
        <div class="row">
          <Field label={t("channels.more")} hint={t("channels.more.hint", { most: template.channels })}>
            {(wired) => <input {...wired} name="more-channels" maxLength={64} value={more} placeholder="2-8" onInput={(event) => setMore(event.currentTarget.value)} />}
          </Field>
          <button type="button" disabled={numbers(more, template.channels).length === 0} onClick={add}>
            {t("channels.add")}
          </button>
        </div>
      )}
    </>
  );
}

/** "1-4, 7" as channel numbers up to `most`. */
export function numbers(text: string, most: number): string[] {
  const found = new Set<number>();
  for (const part of text.split(/[,，、\s]+/)) {
    const range = /^(\d{1,3})(?:[-–~](\d{1,3}))?$/.exec(part);
    if (!range) continue;
    const [from, to] = [Number(range[1]), Number(range[2] ?? range[1])];
    for (let one = Math.max(1, from); one <= Math.min(to, most); one += 1) found.add(one);
  }
  return [...found].sort((a, b) => a - b).map(String);
}
