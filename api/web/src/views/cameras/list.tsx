import { signal } from "@preact/signals";
import { useEffect, useMemo, useState } from "preact/hooks";
import { type Camera, KINDS, STATES, type State } from "../../api/types";
import { t, word } from "../../i18n";
import {
  type Branch,
  type By,
  isNarrowed,
  narrow,
  readWanted,
  type Row,
  stateRows,
  treeRows,
  type Wanted,
  writeWanted,
} from "../../store/camerarows";
import { cameras, follow, places, refresh, tone, trouble } from "../../store/cameras";
import { go, href, route } from "../../store/route";
import { may } from "../../store/session";
import { language } from "../../store/settings";
import { Icon } from "../../ui/icon";
import { useMedia } from "../../ui/media";
import { Failed, Notice, Stale } from "../../ui/notice";
import { Segments } from "../../ui/tabs";
import { Windowed } from "../../ui/windowed";
import { PlayDialog } from "./play";
import { BranchHead, CameraLine, StateHead } from "./rows";

/** What one opened or closed by hand in this tab; the rest follows the size of the list. */
const toggled = signal<ReadonlyMap<string, boolean>>(new Map());
/** A list this short is shown whole: a township's technician sees every camera at once. */
const FEW = 120;

/** By what the address says when it is pressed, not by what was drawn last. */
const apply = (change: Partial<Wanted>): void => go(href("cameras", writeWanted({ ...readWanted(route.peek().query), ...change })), true);

export function CameraList() {
  useEffect(follow, []);
  const [playing, setPlaying] = useState<Camera | null>(null);
  const all = cameras.value;
  const wanted = readWanted(route.value.query);
  const { by, text, kind, state } = wanted;
  const shown = useMemo(() => narrow(all ?? [], { by, text, kind, state }), [all, by, text, kind, state]);
  const rows = useRows(shown, wanted);
  const height = useRowHeight();

  if (all === null)
    return trouble.value ? <Failed problem={trouble.value} retry={() => void refresh()} /> : <Waiting />;
  if (all.length === 0) return <None />;
  const minute = Math.floor(Date.now() / 60_000);
  return (
    <section class="cameras" aria-label={t("nav.cameras")}>
      {trouble.value && <Stale problem={trouble.value} />}
      <Tools wanted={wanted} all={all} shown={shown.length} />
      <StateCounts all={all} wanted={wanted} />
      {shown.length === 0 && (
        <Notice
          title={t("cameras.noMatch")}
          action={{ label: t("filters.clear"), run: () => apply({ text: "", kind: null, state: null }) }}
        />
      )}
      {shown.length > 0 && (
        <div class="camera-list" role="table" aria-label={t("nav.cameras")} aria-rowcount={rows.length + 1}>
          <div class="camera-row camera-head" role="row" aria-rowindex={1}>
            {(["name", "state", "advice", "since", "picture"] as const).map((one) => (
              <span key={one} role="columnheader">
                {t(`camera.${one}`)}
              </span>
            ))}
            <span role="columnheader" class="unseen">
              {t("camera.actions")}
            </span>
          </div>
          <Windowed rows={rows} heightOf={height} keyOf={(row) => `${row.sort} ${row.id}`}>
            {(row, index) =>
              row.sort === "camera" ? (
                <CameraLine
                  camera={row.camera}
                  depth={row.depth}
                  index={index + 2}
                  language={language.value}
                  minute={minute}
                  play={setPlaying}
                />
              ) : row.sort === "state" ? (
                <StateHead row={row} index={index + 2} toggle={() => toggle(row)} />
              ) : (
                <BranchHead row={row} index={index + 2} toggle={() => toggle(row)} />
              )
            }
          </Windowed>
        </div>
      )}
      {playing && <PlayDialog camera={playing} onClose={() => setPlaying(null)} />}
    </section>
  );
}

const toggle = (row: Exclude<Row, { sort: "camera" }>): void => {
  toggled.value = new Map(toggled.value).set(row.id, !row.open);
};

function useRows(shown: readonly Camera[], wanted: Wanted): Row[] {
  // What one looks for is shown, wherever it is.
  const unfolded = shown.length <= FEW || (isNarrowed(wanted) && shown.length <= 2_000);
  const hand = toggled.value;
  const known = places.value;
  return useMemo(() => {
    const usually = (sort: Branch): boolean => unfolded || (sort === "hamlet");
    if (wanted.by === "tree")
      return treeRows(shown, known, (id, sort) => hand.get(id) ?? usually(sort));
    return stateRows(shown, (id) => hand.get(id) ?? unfolded);
  }, [shown, wanted.by, unfolded, hand, known]);
}

const BRANCH_PX = 38;
const LINE_PX = 44;
const PHONE_LINE_PX = 70;
const NARROW = "(max-width: 1180px)";

/** Rows are of one height each, so that where a row stands is known without drawing those before it. */
function useRowHeight(): (row: Row) => number {
  const narrowWindow = useMedia(NARROW);
  return useMemo(
    () => (row: Row) => (row.sort === "camera" ? (narrowWindow ? PHONE_LINE_PX : LINE_PX) : BRANCH_PX),
    [narrowWindow],
  );
}

function Tools({ wanted, all, shown }: { wanted: Wanted; all: readonly Camera[]; shown: number }) {
  return (
    <div class="toolbar camera-tools" role="group" aria-label={t("cameras.tools")}>
      <Segments<By>
        label={t("cameras.by")}
        value={wanted.by}
        options={[
          { value: "tree", label: t("cameras.by.tree") },
          { value: "state", label: t("cameras.by.state") },
        ]}
        onChange={(by) => apply({ by })}
      />
      <input
        type="search"
        placeholder={t("cameras.search")}
        aria-label={t("cameras.search")}
        title={t("cameras.search.hint")}
        maxLength={64}
        value={wanted.text}
        onInput={(event) => apply({ text: event.currentTarget.value })}
      />
      <select
        aria-label={t("camera.kind")}
        value={wanted.kind ?? ""}
        onChange={(event) => apply({ kind: KINDS.find((one) => one === event.currentTarget.value) ?? null })}
      >
        <option value="">{t("cameras.allKinds")}</option>
        {KINDS.map((one) => (
          <option key={one} value={one}>
            {word("kind", one)}
          </option>
        ))}
      </select>
      {isNarrowed(wanted) && (
        <span class="muted small" role="status">
          {t("cameras.found", { n: shown, all: all.length })}
        </span>
      )}
      <span class="grow" />
      <a class="button" href={href("cameras", undefined, "filings")}>
        {t("filings.title")}
      </a>
      {may("register") && (
        <>
          <a class="button" href={href("cameras", undefined, "consents")}>
            {t("cameras.consents")}
          </a>
          <a class="button" href={href("cameras", undefined, "book")}>
            {t("cameras.book")}
          </a>
          <a class="button" href={href("cameras", undefined, "find")}>
            <Icon name="search" /> {t("cameras.find")}
          </a>
          <a class="button primary" href={href("cameras", undefined, "add")}>
            <Icon name="add" /> {t("cameras.add")}
          </a>
        </>
      )}
    </div>
  );
}

function StateCounts({ all, wanted }: { all: readonly Camera[]; wanted: Wanted }) {
  const counts = new Map<State, number>();
  const failing = new Set<State>();
  for (const { status } of all) {
    counts.set(status.state, (counts.get(status.state) ?? 0) + 1);
    if (tone(status.state, status.reason) === "bad") failing.add(status.state);
  }
  const choose = (state: State | null): void => apply({ state });
  return (
    <div class="counts" role="group" aria-label={t("cameras.byState")}>
      <button type="button" class="chip" aria-pressed={wanted.state === null} onClick={() => choose(null)}>
        <b>{all.length}</b> {t("cameras.all")}
      </button>
      {STATES.filter((one) => counts.has(one) || one === wanted.state || one === "live").map((one) => (
        <button
          key={one}
          type="button"
          class="chip"
          aria-pressed={wanted.state === one}
          onClick={() => choose(wanted.state === one ? null : one)}
        >
          <i class={`dot dot-${failing.has(one) ? "bad" : tone(one, "disabled")}`} />
          <b>{counts.get(one) ?? 0}</b> {word("state", one)}
        </button>
      ))}
    </div>
  );
}

function None() {
  if (!may("register")) return <Notice title={t("cameras.none")}>{t("cameras.none.ask")}</Notice>;
  return (
    <Notice
      title={t("cameras.none")}
      action={{ label: t("cameras.add"), run: () => go(href("cameras", undefined, "add")) }}
    >
      {t("cameras.none.register")}
      <p>
        <a href={href("cameras", undefined, "find")}>{t("cameras.find")}</a> ·{" "}
        <a href={href("cameras", undefined, "book")}>{t("cameras.book")}</a>
      </p>
    </Notice>
  );
}

const Waiting = () => (
  <div class="waiting" role="status">
    <span class="muted">{t("loading")}</span>
    {[0, 1, 2, 3, 4, 5].map((one) => (
      <div key={one} class="bone bone-row" />
    ))}
  </div>
);
