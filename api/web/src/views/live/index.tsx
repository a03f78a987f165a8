import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Camera } from "../../api/types";
import { t, word } from "../../i18n";
import { type Branch, matches, type Row, treeRows } from "../../store/camerarows";
import { cameras, follow, places, refresh, toneOf, trouble } from "../../store/cameras";
import { go, href, route } from "../../store/route";
import { purpose } from "../../store/session";
import { Icon } from "../../ui/icon";
import { useKeys } from "../../ui/keys";
import { Failed, Notice, Stale } from "../../ui/notice";
import { Windowed } from "../../ui/windowed";
import { PurposePanel } from "../purpose";
import { Player } from "./player";
import "../../styles/live.css";

/** A list this short is shown whole. */
const FEW = 60;
const HEIGHT_PX = 40;

const play = (camera: Camera): void => go(href("live", route.value.query, camera.id));

/** One camera, live: picked from the tree, found by name, or named in the address. */
export function Live() {
  useEffect(follow, []);
  const all = cameras.value;
  const watchable = useMemo(() => all?.filter((one) => one.kind !== "wifi_probe") ?? null, [all]);
  const wanted = route.value.path[0];
  const camera = watchable?.find((one) => one.id === wanted) ?? null;
  if (watchable === null)
    return trouble.value ? <Failed problem={trouble.value} retry={() => void refresh()} /> : <Waiting />;
  if (watchable.length === 0) return <Notice title={t("live.noCameras")} />;
  return (
    <section class={camera ? "live-view live-view-on" : "live-view"} aria-label={t("nav.live")}>
      {trouble.value && <Stale problem={trouble.value} />}
      <div class="live-stage">
        <Stage camera={camera} wanted={wanted} />
      </div>
      <Picker all={watchable} chosen={camera} />
    </section>
  );
}

function Stage({ camera, wanted }: { camera: Camera | null; wanted: string | undefined }) {
  const full = useRef<() => void>(() => {});
  useKeys(t("nav.live"), [{ keys: ["f"], label: t("live.full"), run: () => full.current() }]);
  if (purpose.value === null)
    return (
      <div class="panel live-purpose">
        <PurposePanel done={() => {}} />
      </div>
    );
  if (camera === null)
    return wanted === undefined ? (
      <Notice title={t("live.none")}>{t("live.none.do")}</Notice>
    ) : (
      <Notice tone="warn" title={t("live.unknown")}>
        {t("live.unknown.do")}
      </Notice>
    );
  return (
    <>
      <h1 class="live-title">
        {camera.name} <span class="muted">{camera.village_name}</span> <span class="tag">{word("kind", camera.kind)}</span>
      </h1>
      <Player
        camera={camera}
        onFull={(toggle) => {
          full.current = toggle;
        }}
      />
    </>
  );
}

function Picker({ all, chosen }: { all: readonly Camera[]; chosen: Camera | null }) {
  const [text, setText] = useState("");
  const [opened, setOpened] = useState<ReadonlyMap<string, boolean>>(new Map());
  const box = useRef<HTMLInputElement>(null);
  const found = useMemo(() => (text.trim() === "" ? all : all.filter((one) => matches(one, text))), [all, text]);
  const rows = useMemo(() => {
    const unfolded = found.length <= FEW || text.trim() !== "";
    const shows = (id: string, sort: Branch): boolean =>
      opened.get(id) ?? (unfolded || sort === "hamlet" || (chosen?.village_code.startsWith(id) ?? false));
    return treeRows(found, places.value, shows);
  }, [found, text, opened, chosen?.id, places.value]);
  const step = (by: 1 | -1): void => {
    const list = rows.flatMap((row) => (row.sort === "camera" ? [row.camera] : []));
    const at = list.findIndex((one) => one.id === chosen?.id);
    const next = list[at === -1 && by === -1 ? list.length - 1 : at + by];
    if (next) play(next);
  };
  useKeys(t("live.list"), [
    { keys: ["/"], label: t("live.find"), run: () => box.current?.focus() },
    { keys: ["j", "arrowdown"], label: t("live.next"), run: () => step(1) },
    { keys: ["k", "arrowup"], label: t("live.previous"), run: () => step(-1) },
  ]);
  return (
    <nav class="live-list" aria-label={t("live.list")}>
      <input
        ref={box}
        type="search"
        maxLength={64}
        placeholder={t("live.search")}
        aria-label={t("live.search")}
        value={text}
        onInput={(event) => setText(event.currentTarget.value)}
        onKeyDown={(event) => {
          const first = rows.find((row) => row.sort === "camera");
          if (event.key === "Enter" && first?.sort === "camera") play(first.camera);
        }}
      />
      <p class="muted small live-found" role="status">
        {found.length === 0 ? t("live.noMatch") : t("live.found", { n: found.length })}
      </p>
      <Windowed rows={rows} heightOf={() => HEIGHT_PX} keyOf={(row) => `${row.sort} ${row.id}`}>
        {(row) =>
          row.sort === "camera" ? (
            <Line camera={row.camera} depth={row.depth} chosen={row.id === chosen?.id} />
          ) : (
            <Head row={row} toggle={() => setOpened(new Map(opened).set(row.id, !row.open))} />
          )
        }
      </Windowed>
    </nav>
  );
}

const Head = ({ row, toggle }: { row: Exclude<Row, { sort: "camera" }>; toggle: () => void }) => (
  <button type="button" class={`quiet live-head depth-${row.depth}`} aria-expanded={row.open} onClick={toggle}>
    <Icon name={row.open ? "down" : "right"} />
    <span class="live-name">{row.sort === "state" ? row.state : row.name}</span>
    <span class="muted small">{row.all}</span>
  </button>
);

const Line = ({ camera, depth, chosen }: { camera: Camera; depth: number; chosen: boolean }) => (
  <a
    class={`live-line depth-${depth}`}
    href={href("live", route.value.query, camera.id)}
    aria-current={chosen ? "true" : undefined}
    title={camera.status.reason ? word("reason", camera.status.reason) : word("state", camera.status.state)}
  >
    <i class={`dot dot-${toneOf(camera.status)}`} />
    <span class="live-name">{camera.name}</span>
    {camera.status.state !== "live" && (
      <span class="muted small">
        {camera.status.reason ? word("reason", camera.status.reason) : word("state", camera.status.state)}
      </span>
    )}
  </a>
);

const Waiting = () => (
  <div class="waiting" role="status" aria-label={t("loading")}>
    {[0, 1, 2, 3].map((one) => (
      <div key={one} class="bone bone-row" />
    ))}
  </div>
);
