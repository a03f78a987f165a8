import { useState } from "preact/hooks";
import type { Permission } from "../api/types";
import { t, word } from "../i18n";
import { clock, stamp } from "../i18n/time";
import mark from "../mark.svg";
import { unseen } from "../store/alerts";
import { waiting as toDecide } from "../store/approvals";
import { health } from "../store/health";
import { href, route, type View, VIEWS } from "../store/route";
import { choosing, may, purpose, session, settle, signOut, stopLooking, unsaid } from "../store/session";
import { language, theme, THEMES } from "../store/settings";
import { Dialog } from "../ui/dialog";
import { Icon } from "../ui/icon";
import { Popover } from "../ui/popover";
import { PurposePanel, reachText } from "./purpose";
import { SayWhy } from "./saywhy";

/** What lets one into a view, any one of it; `me` is everybody's own and stands in the user menu. */
const NEEDS: Record<View, readonly Permission[] | null> = {
  events: ["see_events"],
  patrol: ["open_patrol", "manage_patrols", "work_incidents"],
  playback: ["see_recordings"],
  cases: ["open_case", "approve"],
  wall: ["watch_live"],
  cameras: ["see_cameras"],
  map: ["see_cameras"],
  alerts: ["see_events"],
  health: ["watch_health"],
  audit: ["read_audit"],
  admin: ["manage_users", "manage_places", "configure"],
  me: null,
};

export const viewsFor = (): View[] =>
  VIEWS.filter((view) => {
    const needed = NEEDS[view];
    return needed === null || needed.some(may);
  });

/** On a phone so many stand in the bar at the lower edge, the others behind "more". */
const IN_BAR = 4;

export function Header({ view }: { view: View }) {
  const views = viewsFor().filter((one): one is Exclude<View, "me"> => one !== "me");
  const later = views.slice(IN_BAR);
  return (
    <header class="top">
      <div class="brand">
        <img src={mark} width="26" height="26" alt="" />
        <span>{t("product")}</span>
      </div>
      <nav class="views" aria-label={t("nav")}>
        {views.map((one, at) => (
          <ViewLink key={one} view={one} here={view} {...(at >= IN_BAR ? { class: "later" } : {})} />
        ))}
        {later.length > 0 && (
          <Popover
            label={t("nav.more")}
            buttonClass={later.some((one) => one === view) ? "more-button here" : "more-button"}
            button={
              <>
                <Icon name="more" />
                {t("nav.more")}
              </>
            }
          >
            {(close) => later.map((one) => <ViewLink key={one} view={one} here={view} onClick={close} />)}
          </Popover>
        )}
      </nav>
      {may("see_events") && <PurposeChip />}
      <LanguageSwitch />
      <UserMenu />
    </header>
  );
}

interface ViewLinkProps {
  view: Exclude<View, "me">;
  here: View;
  class?: string;
  onClick?: () => void;
}

function ViewLink({ view, here, ...rest }: ViewLinkProps) {
  const waiting = counted(view);
  return (
    <a
      href={view === route.value.view ? href(view, route.value.query) : href(view)}
      aria-current={view === here ? "page" : undefined}
      {...rest}
    >
      <Icon name={view} />
      {t(`nav.${view}`)}
      {waiting > 0 && <b class="count bad">{waiting}</b>}
    </a>
  );
}

/** What waits behind a view. */
function counted(view: View): number {
  if (view === "health") return health.value?.faults.length ?? 0;
  if (view === "alerts") return unseen.value;
  return view === "cases" ? toDecide.value : 0;
}

/** Why one looks, always in sight. */
function PurposeChip() {
  const setChoosing = (on: boolean): void => {
    choosing.value = on;
  };
  const open = purpose.value;
  return (
    <div class={open ? "purpose" : "purpose purpose-none"}>
      <button
        type="button"
        class="purpose-chip"
        onClick={() => setChoosing(true)}
        title={open ? t("purpose.until.long", { at: stamp(open.expires_at) }) : t("purpose.none.hint")}
      >
        {open ? (
          <>
            <span class="tag">{word("purpose", open.kind)}</span>
            <span class="purpose-what">{[open.case_number, open.reason || open.case_title].filter(Boolean).join(" ")}</span>
            <span class="muted purpose-until">{t("purpose.until", { at: clock(open.expires_at) })}</span>
          </>
        ) : (
          <span>{t("purpose.none")}</span>
        )}
      </button>
      {choosing.value && (
        <Dialog label={open ? t("purpose.current") : t("purpose.title")} onClose={() => setChoosing(false)}>
          {open && <CurrentPurpose done={() => setChoosing(false)} />}
          {open?.kind === "case" && (open.reason === "" || unsaid.value) && <SayWhy under={open} done={() => setChoosing(false)} />}
          {open && <h3>{t("purpose.change")}</h3>}
          <PurposePanel done={() => setChoosing(false)} />
        </Dialog>
      )}
    </div>
  );
}

function CurrentPurpose({ done }: { done: () => void }) {
  const [failed, setFailed] = useState("");
  const open = purpose.value;
  if (!open) return null;
  async function close(): Promise<void> {
    try {
      await stopLooking();
      done();
    } catch (err) {
      setFailed(settle(err).code);
    }
  }
  return (
    <div class="current-purpose">
      <div>
        <span class="tag">{word("purpose", open.kind)}</span> <strong>{open.case_number}</strong> {open.case_title} {open.reason}
        <p class="muted small">
          {t("purpose.since", { from: stamp(open.opened_at), to: stamp(open.expires_at) })}
        </p>
        <p class="small">
          <strong>{t("purpose.reaches")}</strong> {reachText(open)}
        </p>
        {failed && (
          <p class="error" role="alert">
            {t("failed")} ({failed})
          </p>
        )}
      </div>
      <button type="button" onClick={() => void close()}>
        {t("purpose.close")}
      </button>
    </div>
  );
}

export function LanguageSwitch() {
  const other = language.value === "zh" ? "en" : "zh";
  return (
    <button
      type="button"
      class="quiet language"
      lang={other === "zh" ? "zh-CN" : "en"}
      onClick={() => {
        language.value = other;
      }}
    >
      {other === "zh" ? "中文" : "EN"}
    </button>
  );
}

function UserMenu() {
  const user = session.value?.user;
  if (!user) return null;
  const name = user.display_name || user.name;
  return (
    <Popover
      label={t("nav.me")}
      buttonClass="quiet user-button"
      button={
        <>
          <Icon name="me" />
          <span class="user-name">{name}</span>
        </>
      }
    >
      {(close) => (
        <div class="user">
          <p>
            <strong>{name}</strong>
            <br />
            <span class="muted">
              {word("role", user.role)}
              {user.unit && ` · ${user.unit}`}
            </span>
          </p>
          <label class="field">
            <span>{t("theme")}</span>
            <select
              value={theme.value}
              onChange={(event) => {
                theme.value = THEMES.find((one) => one === event.currentTarget.value) ?? "auto";
              }}
            >
              {THEMES.map((one) => (
                <option key={one} value={one}>
                  {t(`theme.${one}`)}
                </option>
              ))}
            </select>
          </label>
          <a class="button" href={href("me")} onClick={() => close()}>
            {t("nav.me")}
          </a>
          <button type="button" onClick={() => void signOut().catch(settle)}>
            {t("signout")}
          </button>
        </div>
      )}
    </Popover>
  );
}
