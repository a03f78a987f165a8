import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { t } from "./i18n";
import { follow as followAlerts } from "./store/alerts";
import { follow as followApprovals } from "./store/approvals";
import { readPlaces } from "./store/cameras";
import { follow as followHealth } from "./store/health";
import { follow as followIncidents } from "./store/incidents";
import { go, href, parse, route, type View } from "./store/route";
import { may, phase, start } from "./store/session";
import { Notice } from "./ui/notice";
import { type Binding, useKeys } from "./ui/keys";
import { KeySheet } from "./ui/keysheet";
import { Lazy } from "./ui/lazy";
import { Toasts, undoLast } from "./ui/toast";
import { Events } from "./views/events";
import { Header, viewsFor } from "./views/header";
import { DutyStrip } from "./views/dutystrip";
import { FaultStrip } from "./views/faultstrip";
import { UnsaidStrip } from "./views/saywhy";
import { IncidentStrip } from "./views/incidentstrip";
import { SignIn } from "./views/signin";

/** What is not needed for the first view. Each entry is one function for ever: a new one would load anew. */
const LATER: Record<Exclude<View, "events">, () => Promise<ComponentType>> = {
  patrol: async () => (await import("./views/patrol")).PatrolView,
  playback: async () => (await import("./views/playback")).PlaybackView,
  cases: async () => (await import("./views/cases")).CasesView,
  wall: async () => (await import("./views/wall")).WallView,
  cameras: async () => (await import("./views/cameras")).Cameras,
  map: async () => (await import("./views/map")).MapView,
  alerts: async () => (await import("./views/alerts")).Alerts,
  health: async () => (await import("./views/health")).Health,
  audit: async () => (await import("./views/audit")).AuditView,
  admin: async () => (await import("./views/admin")).Admin,
  me: async () => (await import("./views/me")).Me,
};

export function App() {
  if (phase.value !== "in") document.title = t("product");
  switch (phase.value) {
    case "starting":
      return <main class="blank" aria-busy="true" />;
    case "unreachable":
      return (
        <main class="blank">
          <Notice tone="bad" title={t("problem.offline")} action={{ label: t("retry"), run: () => void start() }} />
        </main>
      );
    case "out":
      return <SignIn />;
    case "in":
      return <SignedIn />;
  }
}

/** The second key after G. */
const GO: Record<View, string> = {
  events: "e",
  patrol: "t",
  playback: "p",
  cases: "k",
  wall: "l",
  cameras: "c",
  map: "m",
  alerts: "a",
  health: "h",
  audit: "r",
  admin: "u",
  me: "i",
};

/** Whoever is here to watch over the register finds it first. */
const landing = (views: View[]): View | undefined => (!may("see_events") && may("read_audit") ? "audit" : views[0]);

function SignedIn() {
  const views = viewsFor();
  const view = views.find((one) => one === route.value.view) ?? landing(views);
  const [sheet, setSheet] = useState(false);
  document.title = view ? `${t(`nav.${view}`)} · ${t("product")}` : t("product");
  useKeys(t("keys.everywhere"), [
    ...views.map((one): Binding => ({ keys: [`g ${GO[one]}`], label: t(`nav.${one}`), run: () => go(href(one)) })),
    { keys: ["z"], label: t("undo"), run: () => undoLast() },
    { keys: ["?"], label: t("keys"), run: () => setSheet(true) },
  ]);
  useEffect(() => void readPlaces(), []);
  useEffect(() => (may("watch_health") ? followHealth() : undefined), []);
  useEffect(() => (may("see_events") ? followAlerts() : undefined), []);
  useEffect(followIncidents, []);
  useEffect(() => (may("approve") ? followApprovals() : undefined), []);
  useEffect(() => {
    // The address may be ahead of the route by one event: what it says now is what counts.
    const named = parse(location.hash).view;
    if (view && (named === null || !views.includes(named))) go(href(view), true);
  }, [view, route.value.view]);
  useEffect(() => scrollTo(0, 0), [view]);
  if (!view) return <Notice tone="warn" title={t("nothingAllowed")} />;
  return (
    <>
      <button type="button" class="skip" onClick={() => document.getElementById("main")?.focus()}>
        {t("skip")}
      </button>
      <Header view={view} />
      <DutyStrip />
      {view !== "health" && <FaultStrip />}
      <IncidentStrip />
      <UnsaidStrip />
      <main class="page" id="main" tabIndex={-1}>
        {view === "events" ? <Events /> : <Lazy load={LATER[view]} />}
      </main>
      {sheet && <KeySheet onClose={() => setSheet(false)} />}
      <Toasts />
    </>
  );
}
