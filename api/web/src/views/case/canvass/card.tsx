import { changeEntry, type ClipRequest, type Entry, ENTRY_STATES, type EntryState, type ClipLink, renewLink, revokeLink } from "../../../api/canvass";
import type { Case } from "../../../api/types";
import { t, word } from "../../../i18n";
import { minute } from "../../../i18n/time";
import { called } from "../people";

const DAY_MS = 86_400_000;
const SOON_DAYS = 3;
const USUAL_DAYS = 7;

/** Whether what is needed goes within days. */
export const soon = (at: string | null): boolean => at !== null && Date.parse(at) > Date.now() && Date.parse(at) - Date.now() <= SOON_DAYS * DAY_MS;

interface Props {
  of: Case;
  one: Entry;
  /** Its number on the list and on the map. */
  no: number;
  act: (work: () => Promise<unknown>) => Promise<void>;
  once: (work: () => Promise<unknown>) => Promise<void>;
  /** Something of the list is being changed. */
  busy: boolean;
  ask: () => void;
  told: () => void;
  linked: (link: ClipLink) => void;
  days: number;
}

/** Somebody on the list: until when his footage lasts, what he said, what he was asked for. */
export function Card({ of, one, no, act, once, busy, ask, told, linked, days }: Props) {
  const facts = [one.address, one.distance_m !== null ? t("canvass.far", { n: one.distance_m }) : "", one.contact].filter((part) => part !== "");
  return (
    <>
      <div class="case-head">
        <h3>
          <span class={soon(one.overwritten_at) ? "canvass-no canvass-soon" : "canvass-no"}>{no}</span> <bdi>{one.name}</bdi>
        </h3>
        {one.camera_kind && <span class="tag">{word("kind", one.camera_kind)}</span>}
        {one.asks && <span class={one.asks === "clip" ? "tag tag-ok" : "tag"}>{t(`canvass.asks.${one.asks}`)}</span>}
        <Overwritten at={one.overwritten_at} />
        <span class="grow" />
        <select
          aria-label={t("canvass.state.of", { name: one.name })}
          value={one.state}
          onChange={(event) => void act(() => changeEntry(of.id, one, { state: event.currentTarget.value as EntryState }))}
        >
          {ENTRY_STATES.map((state) => (
            <option key={state} value={state}>
              {t(`entryState.${state}`)}
            </option>
          ))}
        </select>
      </div>
      <p class="muted small">
        {facts.join(" · ")}
        {facts.length > 0 && " · "}
        {one.has_camera === null ? t("canvass.camera.unknown") : t(one.has_camera ? "canvass.camera.yes" : "canvass.camera.no")}
        {" · "}
        {one.kept_days === null ? t("canvass.kept.unknown") : t("canvass.kept", { n: one.kept_days })}
        {one.note !== "" && (
          <>
            {" · "}
            <bdi>{one.note}</bdi>
          </>
        )}
      </p>
      {one.requests.map((request) => (
        <Request
          key={request.id}
          of={of}
          one={request}
          busy={busy}
          renew={() => void once(async () => linked(await renewLink(of.id, request.id, Math.min(USUAL_DAYS, days))))}
          revoke={() => void once(async () => (await revokeLink(of.id, request.id)) && t("canvass.revoked"))}
        />
      ))}
      <div class="row">
        <button type="button" class="small-button" onClick={ask}>
          {t("canvass.ask")}
        </button>
        <button type="button" class="small-button quiet" onClick={told}>
          {t("canvass.told")}
        </button>
      </div>
    </>
  );
}

/** When what is needed goes, in days; what nobody knows is said to be unknown. */
function Overwritten({ at }: { at: string | null }) {
  if (at === null) return <span class="tag">{t("canvass.overwritten.unknown")}</span>;
  const days = (Date.parse(at) - Date.now()) / DAY_MS;
  if (days <= 0) return <span class="tag tag-bad">{t("canvass.overwritten.gone")}</span>;
  return (
    <span class={soon(at) ? "tag tag-wait" : "tag"} title={minute(at)}>
      {days < 1 ? t("canvass.overwritten.today") : t("canvass.overwritten.in", { n: Math.floor(days) })}
    </span>
  );
}

function Request({ of, one, busy, renew, revoke }: { of: Case; one: ClipRequest; busy: boolean; renew: () => void; revoke: () => void }) {
  const open = one.state === "open";
  return (
    <div class="row canvass-request">
      <span class="time">
        {minute(one.from)} – {minute(one.to)}
      </span>
      {one.files > 0 && <span class="tag tag-ok">{t("canvass.came", { n: one.files })}</span>}
      <span class={open && one.files === 0 ? "tag tag-wait" : "tag"}>{t(open && one.files > 0 ? "canvass.more" : `linkState.${one.state}`)}</span>
      <span class="muted small">
        {t("canvass.askedBy", { by: called(of, one.asked_by), at: minute(one.asked_at) })}
        {open && ` · ${one.seen_at ? t("canvass.seen") : t("canvass.unseen")} · ${t("canvass.until", { at: minute(one.expires_at) })}`}
      </span>
      <span class="grow" />
      <span class="row">
        {one.state !== "used" && (
          <button type="button" class="small-button quiet" disabled={busy} onClick={renew}>
            {t("canvass.renew")}
          </button>
        )}
        {open && (
          <button type="button" class="small-button quiet" disabled={busy} onClick={revoke}>
            {t("canvass.revoke")}
          </button>
        )}
      </span>
    </div>
  );
}
