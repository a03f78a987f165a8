import { Component } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { type Camera, KINDS, type State, STATES } from "../../api/types";
import { span, t, word } from "../../i18n";
import { stamp } from "../../i18n/time";
import { byVillage, cameras, follow, refresh, tone, townshipName, trouble } from "../../store/cameras";
import { href } from "../../store/route";
import { may } from "../../store/session";
import { language } from "../../store/settings";
import { Failed, Notice, Stale } from "../../ui/notice";

export function Cameras() {
  const [state, setState] = useState<State | null>(null);
  const [kind, setKind] = useState("");
  const [text, setText] = useState("");
  useEffect(follow, []);

  const all = cameras.value;
  const shown = useMemo(() => {
    const wanted = text.trim().toLowerCase();
    return byVillage(
      (all ?? []).filter(
        (one) =>
          (state === null || one.status.state === state) &&
          (kind === "" || one.kind === kind) &&
          (wanted === "" || `${one.name} ${one.village_name}`.toLowerCase().includes(wanted)),
      ),
    );
  }, [all, state, kind, text]);

  if (all === null)
    return trouble.value ? <Failed problem={trouble.value} retry={() => void refresh()} /> : <Waiting />;
  if (all.length === 0)
    return (
      <Notice title={t("cameras.none")}>{may("register") ? t("cameras.none.register") : t("cameras.none.ask")}</Notice>
    );
  return (
    <section class="cameras" aria-label={t("nav.cameras")}>
      {trouble.value && <Stale problem={trouble.value} />}
      <div class="bar">
        <StateCounts all={all} chosen={state} choose={setState} />
        <span class="grow" />
        <input
          type="search"
          placeholder={t("cameras.search")}
          aria-label={t("cameras.search")}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        <select aria-label={t("camera.kind")} value={kind} onChange={(event) => setKind(event.currentTarget.value)}>
          <option value="">{t("cameras.allKinds")}</option>
          {KINDS.map((one) => (
            <option key={one} value={one}>
              {word("kind", one)}
            </option>
          ))}
        </select>
      </div>
      {shown.length === 0 && (
        <Notice
          title={t("cameras.noMatch")}
          action={{
            label: t("filters.clear"),
            run: () => {
              setState(null);
              setKind("");
              setText("");
            },
          }}
        />
      )}
      <div class="camera-list" role="table" aria-label={t("nav.cameras")}>
        <div class="camera-row camera-head" role="row">
          {(["name", "state", "advice", "since", "picture", "lastFrame"] as const).map((one) => (
            <span key={one} role="columnheader">
              {t(`camera.${one}`)}
            </span>
          ))}
        </div>
        {shown.map((village) => (
          <div key={village.code} class="village" role="rowgroup">
            <div role="row">
              <span role="cell" aria-colspan={6} class="village-head">
                <span class="muted">{townshipName(village.code)}</span> {village.name}
                <span class="muted count-of">{t("village.live", { live: village.live, all: village.cameras.length })}</span>
              </span>
            </div>
            {village.cameras.map((one) => (
              <CameraRow key={one.id} camera={one} language={language.value} minute={Math.floor(Date.now() / 60_000)} />
            ))}
          </div>
        ))}
      </div>
    </section>
  );
}

function StateCounts({
  all,
  chosen,
  choose,
}: {
  all: readonly Camera[];
  chosen: State | null;
  choose: (state: State | null) => void;
}) {
  const counts = new Map<State, number>();
  const failing = new Set<State>();
  for (const { status } of all) {
    counts.set(status.state, (counts.get(status.state) ?? 0) + 1);
    if (tone(status.state, status.reason) === "bad") failing.add(status.state);
  }
  return (
    <div class="counts" role="group" aria-label={t("cameras.byState")}>
      <button type="button" aria-pressed={chosen === null} onClick={() => choose(null)}>
        <b>{all.length}</b> {t("cameras.all")}
      </button>
      {STATES.filter((one) => counts.has(one) || one === chosen || one === "live").map((one) => (
        <button key={one} type="button" aria-pressed={chosen === one} onClick={() => choose(chosen === one ? null : one)}>
          <i class={`dot dot-${failing.has(one) ? "bad" : tone(one, "disabled")}`} />
          <b>{counts.get(one) ?? 0}</b> {word("state", one)}
        </button>
      ))}
    </div>
  );
}

/** As the boxes' own menus write it. */
const codecName = (codec: string): string =>
  ({ h264: "H.264", hevc: "H.265", h265: "H.265", mjpeg: "MJPEG" })[codec.toLowerCase()] ?? codec.toUpperCase();

interface RowProps {
  camera: Camera;
  language: string;
  minute: number;
}

/** One camera. Drawn again only when it changed, the language did, or its "for 5 min" is due. */
class CameraRow extends Component<RowProps> {
  override shouldComponentUpdate(next: RowProps): boolean {
    return (
      next.camera !== this.props.camera || next.language !== this.props.language || next.minute !== this.props.minute
    );
  }

  override render({ camera }: RowProps) {
    const { status } = camera;
    const now = Date.now();
    return (
      <div class="camera-row" role="row">
        <span role="cell" class="camera-name">
          {may("see_events") ? (
            <a href={href("events", new URLSearchParams({ camera: camera.id }))} title={t("camera.events")}>
              {camera.name}
            </a>
          ) : (
            <span>{camera.name}</span>
          )}
          <span class="tag">{word("kind", camera.kind)}</span>
        </span>
        <span role="cell" class="camera-state">
          <i class={`dot dot-${tone(status.state, status.reason)}`} /> {word("state", status.state)}
        </span>
        <span role="cell" class="camera-why">
          {status.reason && (
            <>
              <span>{word("reason", status.reason)}</span>{" "}
              <span class="muted" title={status.detail || undefined}>
                {word("advice", status.reason)}
              </span>
            </>
          )}
        </span>
        <span role="cell" class="time">
          {stamp(status.since)} <span class="muted">{span(now - Date.parse(status.since))}</span>
        </span>
        <span role="cell" class="camera-picture">
          {status.codec && (
            <>
              {codecName(status.codec)} {status.width}×{status.height}
              {status.fps !== null && <span class="muted"> {Math.round(status.fps * 10) / 10} fps</span>}
            </>
          )}
        </span>
        <span role="cell" class="time muted">
          {status.last_frame_at && stamp(status.last_frame_at)}
        </span>
      </div>
    );
  }
}

const Waiting = () => (
  <div class="waiting" role="status">
    <span class="muted">{t("loading")}</span>
    {[0, 1, 2, 3, 4, 5].map((one) => (
      <div key={one} class="bone bone-row" />
    ))}
  </div>
);
