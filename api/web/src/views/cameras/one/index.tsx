import { useCallback, useEffect, useState } from "preact/hooks";
import { Problem } from "../../../api/client";
import { changeCamera, getCamera } from "../../../api/register";
import type { Camera } from "../../../api/types";
import { problemText, t, word } from "../../../i18n";
import { span } from "../../../i18n";
import { toneOf, townshipName } from "../../../store/cameras";
import { go, href, route } from "../../../store/route";
import { may, settle } from "../../../store/session";
import { Icon } from "../../../ui/icon";
import { Failed, Notice, Stale } from "../../../ui/notice";
import { Menu } from "../../../ui/popover";
import { Tabs } from "../../../ui/tabs";
import { toast } from "../../../ui/toast";
import { PlacementPart } from "../placement";
import { PlayDialog } from "../play";
import { whyOf } from "../why";
import { Box } from "./box";
import { Changes } from "./changes";
import { Consents } from "./consents";
import { Edit } from "./edit";
import { Overview } from "./overview";
import { RemoveDialog } from "./remove";

const EVERY_MS = 5_000;
const TABS = ["overview", "edit", "box", "placement", "consents", "changes"] as const;
type Tab = (typeof TABS)[number];

export interface Loaded {
  camera: Camera;
  /** Takes what the hub answered a change with. */
  keep: (camera: Camera) => void;
}

/** One camera: what it is, how it does, and all that one changes of it. */
export function OnePage() {
  const id = route.value.path[0] ?? "";
  const { camera, problem, keep, again } = useCamera(id);
  if (camera === null) {
    if (problem === null) return <div class="waiting bone bone-row" role="status" aria-label={t("loading")} />;
    if (problem.status === 404)
      return (
        <Notice title={t("problem.camera_unknown")} action={{ label: t("one.back"), run: () => go(href("cameras")) }} />
      );
    return <Failed problem={problem} retry={again} />;
  }
  return (
    <section class="one" aria-label={camera.name}>
      {problem && <Stale problem={problem} />}
      <Head camera={camera} keep={keep} />
      <Parts key={camera.id} camera={camera} keep={keep} />
    </section>
  );
}

function useCamera(id: string) {
  const [camera, setCamera] = useState<Camera | null>(null);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [round, setRound] = useState(0);
  useEffect(() => {
    const stop = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const read = async (): Promise<void> => {
      try {
        if (!document.hidden) {
          const found = await getCamera(id, stop.signal);
          // Asked before a change was saved it says what was before that.
          setCamera((was) => (was !== null && was.revision > found.revision ? was : found));
          setProblem(null);
        }
      } catch (err) {
        if (stop.signal.aborted) return;
        setProblem(settle(err));
      }
      if (!stop.signal.aborted) timer = setTimeout(read, EVERY_MS);
    };
    setCamera(null);
    void read();
    return () => {
      stop.abort();
      clearTimeout(timer);
    };
  }, [id, round]);
  const keep = useCallback((made: Camera) => setCamera(made), []);
  return { camera, problem, keep, again: () => setRound(round + 1) };
}

function Head({ camera, keep }: Loaded) {
  const [playing, setPlaying] = useState(false);
  const [removing, setRemoving] = useState(false);
  const { status } = camera;
  const wrong = whyOf(status);
  const registers = may("register");

  async function enable(enabled: boolean): Promise<void> {
    try {
      keep(await changeCamera(camera.id, { enabled }, camera.revision));
      toast(t(enabled ? "one.enabled" : "one.disabled", { name: camera.name }), { tone: "ok" });
    } catch (err) {
      toast(problemText(settle(err)), { tone: "bad" });
    }
  }

  return (
    <header class="one-head">
      <a class="button quiet icon-button" href={href("cameras")} aria-label={t("one.back")} title={t("one.back")}>
        <Icon name="left" />
      </a>
      <div class="one-title">
        <h1>
          <bdi>{camera.name}</bdi> <span class="tag">{word("kind", camera.kind)}</span>
        </h1>
        <p class="muted small">{[townshipName(camera.village_code), camera.village_name, camera.hamlet, camera.address].filter(Boolean).join(" · ")}</p>
        <p class="one-state" role="status">
          <i class={`dot dot-${toneOf(status)}`} /> <strong>{word("state", status.state)}</strong>
          <span class="muted"> {t("one.for", { span: span(Date.now() - Date.parse(status.since)) })}</span>
          {wrong && (
            <>
              {" "}
              {wrong.why}{" "}
              {status.reason === "placement_incomplete" ? (
                <a href={href("cameras", new URLSearchParams({ tab: "placement" }), camera.id)}>{wrong.advice}</a>
              ) : (
                <span class="muted">{wrong.advice}</span>
              )}
            </>
          )}
          {status.recording && (
            <>
              {" "}
              <span class="bad-word">{t("record.fault", { cause: word("gap", status.recording) })}</span>
            </>
          )}
        </p>
      </div>
      <div class="row one-actions">
        {may("watch_live") && camera.kind !== "wifi_probe" && (
          <button type="button" class="primary" onClick={() => setPlaying(true)}>
            <Icon name="play" /> {t("camera.play.short")}
          </button>
        )}
        {may("see_events") && (
          <a class="button" href={href("events", new URLSearchParams({ camera: camera.id }))}>
            <Icon name="events" /> {t("nav.events")}
          </a>
        )}
        {camera.kind !== "wifi_probe" && (
          <a class="button" href={href("cameras", undefined, camera.id, "scene")}>
            {t("scene.title")}
          </a>
        )}
        {may("read_audit") && (
          <a class="button" href={href("audit", new URLSearchParams({ camera: camera.id }), "looks")}>
            <Icon name="audit" /> {t("audit.whoLooked")}
          </a>
        )}
        {registers && (
          <Menu
            label={t("one.more")}
            items={[
              camera.enabled
                ? { label: t("one.disable"), run: () => void enable(false) }
                : { label: t("one.enable"), run: () => void enable(true) },
              { label: t("one.remove"), danger: true, run: () => setRemoving(true) },
            ]}
          />
        )}
      </div>
      {playing && <PlayDialog camera={camera} onClose={() => setPlaying(false)} />}
      {removing && <RemoveDialog camera={camera} onClose={() => setRemoving(false)} />}
    </header>
  );
}

function Parts({ camera, keep }: Loaded) {
  const wanted = route.value.query.get("tab");
  const options = TABS.filter(
    (one) =>
      (one !== "edit" && one !== "box" ? true : may("register")) && (one !== "consents" || camera.kind === "civilian" || camera.kind === "social"),
  ).map((value) => ({ value, label: t(`one.tab.${value}`) }));
  const tab: Tab = options.find((one) => one.value === wanted)?.value ?? "overview";
  return (
    <Tabs<Tab>
      label={camera.name}
      value={tab}
      options={options}
      onChange={(to) => go(href("cameras", to === "overview" ? undefined : new URLSearchParams({ tab: to }), camera.id), true)}
    >
      {tab === "overview" && <Overview camera={camera} />}
      {tab === "edit" && <Edit camera={camera} keep={keep} />}
      {tab === "box" && <Box camera={camera} keep={keep} />}
      {tab === "placement" && <PlacementPart camera={camera.id} kind={camera.kind} />}
      {tab === "consents" && <Consents camera={camera} />}
      {tab === "changes" && <Changes camera={camera} />}
    </Tabs>
  );
}
