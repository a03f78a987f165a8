import { useMemo, useState } from "preact/hooks";
import type { CameraOnline, Online, VillageOnline } from "../../api/upkeep";
import { type Key, span, t, word } from "../../i18n";
import { stamp } from "../../i18n/time";
import { townshipName } from "../../store/cameras";
import { csv, type Line, type Sort, sorted } from "../../store/online";
import { href } from "../../store/route";
import { Icon } from "../../ui/icon";
import { save } from "../../ui/save";
import { Segments } from "../../ui/tabs";
import { Windowed } from "../../ui/windowed";
import { Bar } from "./bar";

type By = "villages" | "cameras";

const ROW = 40;
const ROW_NARROW = 72;

interface Shown extends Line {
  now: string;
}

const ofVillage = (one: VillageOnline): Shown => ({
  id: one.village_code,
  place: `${townshipName(one.village_code)} ${one.village_name}`,
  name: "",
  rate: one.rate,
  offline_s: one.due_s - one.online_s,
  outages: 0,
  longest_s: 0,
  now: `${one.online_now}/${one.due_now}`,
});

const ofCamera = (one: CameraOnline): Shown => ({
  id: one.camera_id,
  place: one.village_name,
  name: one.name,
  rate: one.rate,
  offline_s: one.due_s - one.online_s,
  outages: one.outages,
  longest_s: one.longest_s,
  now: "",
});

const COLUMNS: Record<By, { sort: Sort | null; label: Key }[]> = {
  villages: [
    { sort: "place", label: "rate.col.place" },
    { sort: "rate", label: "rate.col.rate" },
    { sort: "offline", label: "rate.col.offline" },
    { sort: null, label: "rate.col.now" },
  ],
  cameras: [
    { sort: "name", label: "rate.col.name" },
    { sort: "rate", label: "rate.col.rate" },
    { sort: "outages", label: "rate.col.outages" },
    { sort: "longest", label: "rate.col.longest" },
    { sort: "offline", label: "rate.col.offline" },
  ],
};

/** The rate of every village or camera: the worst first, other columns by a click on their head. */
export function Rates({ told }: { told: Online }) {
  const [by, setBy] = useState<By>("villages");
  const [order, setOrder] = useState<{ sort: Sort; descending: boolean }>({ sort: "rate", descending: false });
  const rows = useMemo(
    () => sorted(by === "villages" ? told.villages.map(ofVillage) : told.cameras.map(ofCamera), order.sort, order.descending) as Shown[],
    [told, by, order],
  );
  const height = innerWidth > 820 ? ROW : ROW_NARROW;
  return (
    <div class="panel">
      <div class="upkeep-head">
        <Segments
          label={t("rate.by")}
          value={by}
          options={[
            { value: "villages", label: t("rate.villages") },
            { value: "cameras", label: t("rate.cameras") },
          ]}
          onChange={(next) => {
            setBy(next);
            setOrder({ sort: "rate", descending: false });
          }}
        />
        <button type="button" onClick={() => download(told, by)}>
          <Icon name="export" /> {t("rate.csv")}
        </button>
      </div>
      <div class={`rates rates-${by}`} role="table" aria-label={t("online.title")} aria-rowcount={rows.length + 1}>
        <div class="rates-row rates-head" role="row">
          {COLUMNS[by].map((one) => (
            <Head key={one.label} label={t(one.label)} sort={one.sort} order={order} onSort={setOrder} />
          ))}
        </div>
        <Windowed rows={rows} heightOf={() => height} keyOf={(one) => one.id}>
          {(one, index) => <Row line={one} by={by} index={index} />}
        </Windowed>
      </div>
    </div>
  );
}

interface HeadProps {
  label: string;
  sort: Sort | null;
  order: { sort: Sort; descending: boolean };
  onSort: (order: { sort: Sort; descending: boolean }) => void;
}

function Head({ label, sort, order, onSort }: HeadProps) {
  if (!sort) return <span role="columnheader">{label}</span>;
  const mine = order.sort === sort;
  return (
    <span role="columnheader" aria-sort={mine ? (order.descending ? "descending" : "ascending") : "none"}>
      <button
        type="button"
        class="quiet"
        onClick={() => onSort({ sort, descending: mine ? !order.descending : sort !== "rate" && sort !== "name" && sort !== "place" })}
      >
        {label} {mine && <span aria-hidden="true">{order.descending ? "↓" : "↑"}</span>}
      </button>
    </span>
  );
}

function Row({ line, by, index }: { line: Shown; by: By; index: number }) {
  const offline = line.offline_s > 0 ? span(line.offline_s * 1000) : "—";
  return (
    <div class="rates-row" role="row" aria-rowindex={index + 2}>
      {by === "villages" ? (
        <span role="cell" class="rates-name">
          <a href={href("cameras", new URLSearchParams({ place: line.id }))}>{line.place}</a>
        </span>
      ) : (
        <span role="cell" class="rates-name">
          <a href={href("cameras", undefined, line.id)}>{line.name}</a> <span class="muted small">{line.place}</span>
        </span>
      )}
      <span role="cell" class="rates-rate">
        <Bar rate={line.rate} />
      </span>
      {by === "cameras" && (
        <>
          <span role="cell" class="rates-few" title={t("rate.col.outages")}>
            {line.outages || "—"}
          </span>
          <span role="cell" class="rates-few" title={t("rate.col.longest")}>
            {line.longest_s ? span(line.longest_s * 1000) : "—"}
          </span>
        </>
      )}
      <span role="cell" class="rates-few" title={t("rate.col.offline")}>
        {offline}
      </span>
      {by === "villages" && (
        <span role="cell" class="rates-few" title={t("rate.col.now")}>
          {line.now}
        </span>
      )}
    </div>
  );
}

/** Every village or camera of the span as a table that Excel opens in Chinese. */
function download(told: Online, by: By): void {
  const head = [t("rate.csv.code"), t("rate.col.place")];
  const sums = [t("rate.col.rate"), t("rate.csv.due"), t("rate.csv.online")];
  const rate = (value: number | null): string | number => value ?? "";
  const rows =
    by === "villages"
      ? [
          [...head, ...sums],
          ...told.villages.map((one) => [one.village_code, one.village_name, rate(one.rate), one.due_s, one.online_s]),
        ]
      : [
          [...head, t("rate.col.name"), ...sums, t("rate.col.outages"), t("rate.csv.since"), t("rate.csv.reason")],
          ...told.cameras.map((one) => [
            one.village_code,
            one.village_name,
            one.name,
            rate(one.rate),
            one.due_s,
            one.online_s,
            one.outages,
            one.down_since ? stamp(one.down_since) : "",
            one.picture ? word("picture", one.picture) : one.reason ? word("reason", one.reason) : "",
          ]),
        ];
  const name = t("rate.csv.file", { from: stamp(told.since).slice(0, 10), to: stamp(told.until).slice(0, 10) });
  save(new Blob([csv(rows)], { type: "text/csv;charset=utf-8" }), `${name}.csv`);
}
