import { useMemo, useState } from "preact/hooks";
import type { Camera } from "../../api/types";
import { t } from "../../i18n";
import { cameras, places, toneOf, townshipName, type Village } from "../../store/cameras";
import type { Filters } from "../../store/filters";
import { reachedPlaces } from "../../store/reach";
import { purpose } from "../../store/session";
import { type Chosen, covers, find, grow, hasCamera, toggleCamera, togglePlace, type Tree } from "../../store/tree";
import { Icon } from "../../ui/icon";
import { Notice } from "../../ui/notice";
import { type Part, Slot } from "./parts";

/** Cameras listed for one search or one village: more than anybody reads. */
const MOST_LISTED = 80;

export function whereText(f: Filters): string {
  const all = cameras.value ?? [];
  if (f.camera.length > 0) {
    const named = all.filter((one) => f.camera.includes(one.id));
    const villages = new Set(named.map((one) => one.village_name));
    if (f.camera.length === 1) return named[0]?.name ?? t("where.cameras", { n: 1 });
    const count = t("where.cameras", { n: f.camera.length });
    return villages.size === 1 ? `${[...villages][0]} · ${count}` : count;
  }
  if (f.place.length === 0) return reachedPlaces(purpose.value) ?? t("where.all");
  const name = (code: string): string =>
    places.value.get(code)?.name ?? all.find((one) => one.village_code === code)?.village_name ?? code;
  return f.place.length <= 2
    ? f.place.map(name).join(t("list.and"))
    : t("where.places", { name: name(f.place[0]!), n: f.place.length });
}

/** Where: the tree of places and cameras, searched by name; several of either. */
export function Where({ f, set }: Part) {
  return (
    <Slot name="where" label={t("where")} text={whereText(f)} active={f.place.length + f.camera.length > 0}>
      {() => <Picker chosen={f} set={set} />}
    </Slot>
  );
}

interface PickerProps {
  chosen: Chosen;
  set: (chosen: { place: string[]; camera: string[] }) => void;
}

function Picker({ chosen, set }: PickerProps) {
  const all = cameras.value;
  const [text, setText] = useState("");
  const tree = useMemo(() => grow(all ?? [], townshipName), [all, places.value]);
  const found = useMemo(() => (text.trim() ? find(tree, text, MOST_LISTED) : null), [tree, text]);
  const take = (next: Chosen): void => set({ place: [...next.place], camera: [...next.camera] });
  const rows: RowsProps = { tree, chosen, take };
  return (
    <div class="where">
      <div class="where-head">
        <Icon name="search" />
        <input
          type="search"
          autofocus
          placeholder={t("where.search")}
          aria-label={t("where.search")}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
        {chosen.place.length + chosen.camera.length > 0 && (
          <button type="button" class="quiet" onClick={() => take({ place: [], camera: [] })}>
            {reachedPlaces(purpose.value) ?? t("where.all")}
          </button>
        )}
      </div>
      <div class="where-list">
        {all === null && <div class="bone bone-row" role="status" aria-label={t("loading")} />}
        {found ? (
          <>
            {found.villages.map((one) => (
              <VillageRow key={one.code} {...rows} village={one} />
            ))}
            <CameraRows {...rows} list={found.cameras} withVillage />
            {found.more > 0 && <p class="muted small">{t("where.more", { n: found.more })}</p>}
            {found.villages.length + found.cameras.length === 0 && <Notice icon="search" title={t("where.none")} />}
          </>
        ) : (
          tree.towns.map((town) => <TownRows key={town.code} {...rows} town={town} />)
        )}
      </div>
    </div>
  );
}

interface RowsProps {
  tree: Tree;
  chosen: Chosen;
  take: (next: Chosen) => void;
}

function TownRows({ town, ...rows }: RowsProps & { town: Tree["towns"][number] }) {
  const [open, setOpen] = useState(rows.tree.towns.length <= 3);
  return (
    <>
      <Row
        name={town.name}
        detail={String(town.count)}
        depth={0}
        on={rows.chosen.camera.length === 0 && covers(rows.chosen, town.code)}
        onChange={() => rows.take(togglePlace(rows.tree, rows.chosen, town.code))}
        open={open}
        onOpen={() => setOpen(!open)}
      />
      {open && town.villages.map((one) => <VillageRow key={one.code} {...rows} village={one} />)}
    </>
  );
}

function VillageRow({ village, ...rows }: RowsProps & { village: Village }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Row
        name={village.name}
        detail={String(village.cameras.length)}
        depth={1}
        on={rows.chosen.camera.length === 0 && covers(rows.chosen, village.code)}
        onChange={() => rows.take(togglePlace(rows.tree, rows.chosen, village.code))}
        open={open}
        onOpen={() => setOpen(!open)}
      />
      {open && <CameraRows {...rows} list={village.cameras} />}
    </>
  );
}

function CameraRows({ list, withVillage = false, ...rows }: RowsProps & { list: readonly Camera[]; withVillage?: boolean }) {
  return (
    <>
      {list.slice(0, MOST_LISTED).map((one) => (
        <Row
          key={one.id}
          name={one.name}
          detail={withVillage ? one.village_name : ""}
          tone={toneOf(one.status)}
          depth={withVillage ? 0 : 2}
          on={hasCamera(rows.chosen, one)}
          onChange={() => rows.take(toggleCamera(rows.tree, rows.chosen, one))}
        />
      ))}
    </>
  );
}

interface RowProps {
  name: string;
  detail: string;
  depth: 0 | 1 | 2;
  on: boolean;
  onChange: () => void;
  tone?: string;
  open?: boolean;
  onOpen?: () => void;
}

const Row = ({ name, detail, depth, on, onChange, tone: dot, open, onOpen }: RowProps) => (
  <div class={`where-row where-row-${depth}`}>
    {onOpen ? (
      <button
        type="button"
        class={open ? "quiet turner turner-open" : "quiet turner"}
        aria-expanded={open}
        aria-label={t("where.open", { name })}
        onClick={onOpen}
      >
        <Icon name="right" />
      </button>
    ) : (
      <span class="turner" />
    )}
    <label>
      <input type="checkbox" checked={on} onChange={onChange} />
      {dot && <i class={`dot dot-${dot}`} />}
      <span class="where-name">{name}</span>
      <span class="muted small">{detail}</span>
    </label>
  </div>
);
