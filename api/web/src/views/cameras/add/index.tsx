import { useEffect, useState } from "preact/hooks";
import { listDevices, type Device } from "../../../api/register";
import { t } from "../../../i18n";
import type { Complaints } from "../../../store/cameraform";
import { useDraft } from "../../../store/drafts";
import { complaintsOf, hostOfDraft, NEW, type NewDevice, type Part, PARTS, partsOf, password, takeUrl } from "../../../store/newdevice";
import { go, href, route } from "../../../store/route";
import { settle } from "../../../store/session";
import { Icon } from "../../../ui/icon";
import { BoxPart } from "./box";
import { ChannelsPart } from "./channels";
import { PlacePart } from "./place";
import { SavePart } from "./save";
import { TestPart } from "./test";
import { WhatPart } from "./what";

export interface PartProps {
  draft: NewDevice;
  change: (part: Partial<NewDevice> | ((was: NewDevice) => Partial<NewDevice>)) => void;
  wrong: Complaints;
}

/** What the list of found boxes hands over. */
function begin(): NewDevice {
  const query = route.value.query;
  const host = query.get("host");
  if (host === null) return NEW;
  return {
    ...NEW,
    way: "onvif",
    host,
    onvif_port: query.get("port") ?? "80",
    device_name: query.get("name") ?? "",
    found_model: query.get("model") ?? "",
  };
}

/** Adding a device, part by part; going back, a reload and a session that ends lose nothing but the password. */
export function Add() {
  const [draft, change, restart] = useDraft<NewDevice>("add", begin);
  const [wrong, setWrong] = useState<Complaints>({});
  const [devices, setDevices] = useState<Device[]>([]);
  useEffect(() => {
    listDevices().then(setDevices, settle); // without it nobody is told that the box is registered; the rest works
  }, []);
  useEffect(() => {
    const asked = begin();
    if (asked.host !== "" && asked.host !== draft.host) restart(asked);
    if (asked.host !== "") go(href("cameras", undefined, "add"), true);
  }, []);

  const parts = partsOf(draft);
  const at = parts.indexOf(draft.part);
  const known = devices.find((one) => one.host === hostOfDraft(draft)) ?? null;
  const props: PartProps = {
    draft,
    wrong,
    change: (part) => {
      change(part);
      setWrong({});
    },
  };

  function to(part: Part): void {
    const further = PARTS.indexOf(part) > PARTS.indexOf(draft.reached);
    change({ part, ...(further ? { reached: part } : {}) });
    setWrong({});
    scrollTo(0, 0);
  }
  function onward(event: Event): void {
    event.preventDefault();
    const typed = takeUrl();
    if (typed.url !== undefined) change(typed);
    const found = complaintsOf({ ...draft, ...typed }, draft.part);
    setWrong(found);
    const next = parts[at + 1];
    if (Object.keys(found).length === 0 && next !== undefined) to(next);
  }

  return (
    <section class="add" aria-label={t("cameras.add")}>
      <div class="row">
        <a class="button quiet icon-button" href={href("cameras")} aria-label={t("one.back")} title={t("one.back")}>
          <Icon name="left" />
        </a>
        <h1>{t("cameras.add")}</h1>
        <span class="grow" />
        <button
          type="button"
          class="quiet"
          onClick={() => {
            password.value = "";
            restart(NEW);
          }}
        >
          {t("add.anew")}
        </button>
      </div>
      <ol class="add-parts">
        {parts.map((one, index) => (
          <li key={one}>
            <button
              type="button"
              aria-current={one === draft.part ? "step" : undefined}
              disabled={PARTS.indexOf(one) > PARTS.indexOf(draft.reached)}
              onClick={() => to(one)}
            >
              <span class="add-number">{index + 1}</span>
              <span class="add-name">{t(`add.${one}`)}</span>
            </button>
          </li>
        ))}
      </ol>
      {draft.part === "save" ? (
        <SavePart {...props} to={to} anew={() => restart(NEW)} setWrong={setWrong} back={() => to(parts[at - 1] ?? "box")} />
      ) : (
        <form class="panel camera-form" noValidate onSubmit={onward}>
          <h2>{t(`add.${draft.part}.title`)}</h2>
          {draft.part === "box" && <BoxPart {...props} known={known} />}
          {draft.part === "test" && <TestPart {...props} />}
          {draft.part === "channels" && <ChannelsPart {...props} />}
          {draft.part === "what" && <WhatPart {...props} />}
          {draft.part === "place" && <PlacePart {...props} />}
          {Object.keys(wrong).length > 0 && (
            <p class="error" role="alert">
              {t("add.incomplete")}
            </p>
          )}
          <div class="form-foot">
            {at > 0 && (
              <button type="button" onClick={() => to(parts[at - 1]!)}>
                {t("add.back")}
              </button>
            )}
            <span class="grow" />
            <button type="submit" class="primary">
              {t(draft.part === "test" && !draft.report?.ok ? "add.anyway" : "add.next")}
            </button>
          </div>
        </form>
      )}
    </section>
  );
}
