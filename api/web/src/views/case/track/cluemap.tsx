import { useMemo, useState } from "preact/hooks";
import { type Ground, readGround } from "../../../api/map";
import { type ClueMap, keepMap, listMaps, type MapAsk, putBlock, readClueMap, readMap } from "../../../api/pursuit";
import { t } from "../../../i18n";
import { minute, parseLocal, stamp } from "../../../i18n/time";
import { useAsked } from "../../../store/asked";
import { AreaMap } from "../../../ui/map";
import { Stale, Unread } from "../../../ui/notice";
import { OfUpload } from "../../bookmarks/ofupload";
import { Advice } from "./advice";
import { named } from "./hops";
import { GroupChips, type Shared, WayPick } from "./parts";
import { trailOf } from "./trail";

/** The clue map: sightings by number, links, the vanishing area, and what it suggests. */
export function ClueMapView({ of, groups, setGroups, way, setWay }: Shared) {
  const [since, setSince] = useState("");
  const [until, setUntil] = useState("");
  const [old, setOld] = useState("");
  const when = parseLocal(until);
  const asked: MapAsk = { way, since, until: when ? when.toISOString() : "", group: groups };
  const now = useAsked((stop) => readClueMap(of.id, asked, stop), [of.id, way, since, asked.until, groups]);
  const kept = useAsked((stop) => listMaps(of.id, stop), [of.id]);
  const before = useAsked((stop) => (old ? readMap(of.id, old, stop) : Promise.resolve(null)), [of.id, old]);
  const grounds = useAsked((stop) => Promise.all(of.places.map((code) => readGround(code, stop))), [of.places.join()]);
  // Until the one that is chosen was read, another that was chosen before is not it.
  const map = old === "" ? now.value : before.value?.kept.id === old ? before.value.map : null;
  if (now.value === null) return <Unread problem={now.problem} retry={now.again} />;
  return (
    <section class="track-clues" aria-label={t("track.map")}>
      {(now.problem ?? before.problem) && <Stale problem={(now.problem ?? before.problem)!} />}
      <div class="toolbar">
        <label class="track-pick">
          {t("track.since")}
          <select value={since} disabled={old !== ""} onChange={(event) => setSince(event.currentTarget.value)}>
            <option value="">{t("track.since.last")}</option>
            {now.value.sightings.map((one) => (
              <option key={one.thing} value={one.thing}>
                {named(one)}
              </option>
            ))}
          </select>
        </label>
        <WayPick way={way} setWay={setWay} />
        <label class="track-pick">
          {t("track.until")}
          <input
            value={until}
            placeholder={now.value.area ? minute(now.value.area.until) : ""}
            aria-invalid={until !== "" && !when}
            onChange={(event) => setUntil(event.currentTarget.value)}
          />
        </label>
        <GroupChips groups={groups} setGroups={setGroups} />
        <span class="grow" />
        <label class="track-pick">
          {t("track.kept")}
          <select value={old} onChange={(event) => setOld(event.currentTarget.value)}>
            <option value="">{t("track.kept.now")}</option>
            {kept.value?.map((one) => (
              <option key={one.id} value={one.id}>
                {`${stamp(one.kept_at)} · ${one.kept_by}`}
              </option>
            ))}
          </select>
        </label>
        {old === "" && (
          <button
            type="button"
            class="desk-only"
            disabled={kept.busy}
            onClick={() => void kept.once(() => keepMap(of.id, asked, "").then(() => t("track.kept.done")))}
          >
            {t("track.keepMap")}
          </button>
        )}
      </div>
      {map ? <Shown map={map} grounds={grounds.value ?? []} block={old === "" ? now.act : null} id={of.id} /> : <Unread problem={before.problem} retry={before.again} />}
    </section>
  );
}

type Act = (work: () => Promise<unknown>) => Promise<void>;

function Shown({ map, grounds, block, id }: { map: ClueMap; grounds: readonly Ground[]; block: Act | null; id: string }) {
  const all = useMemo(() => {
    const of = <T,>(list: (one: Ground) => readonly T[]): T[] => grounds.flatMap(list);
    return { areas: of((one) => one.areas), roads: of((one) => one.roads), entrances: of((one) => one.entrances) };
  }, [grounds]);
  const trail = useMemo(() => trailOf(map, all.roads), [map, all]);
  const said = new Map(map.blocks.map((one) => [one.road_id, one]));
  return (
    <div class="track-map">
      <AreaMap
        label={t("track.map")}
        places={all.areas}
        roads={all.roads}
        entrances={all.entrances}
        trail={trail}
        fitTo={`${all.roads.length} ${map.digest}`}
      />
      <aside class="track-side">
        <Advice map={map} />
        <div class="panel">
          <h2>{t("track.sightings")}</h2>
          {map.sightings.length === 0 && <p class="muted">{t("track.noSighting.how")}</p>}
          <ol class="track-list">
            {map.sightings.map((one) => (
              <li key={one.thing} value={one.no}>
                <time dateTime={one.at}>{stamp(one.at)}</time> {one.camera_name}
                {one.note && <span class="muted"> {one.note}</span>} <span class="muted small">{one.said_by}</span>
                {one.upload && <OfUpload caseId={id} one={one.upload} />}
              </li>
            ))}
          </ol>
        </div>
        {block && all.roads.length > 0 && (
          <details class="panel">
            <summary>{t("track.blocks", { n: map.blocks.filter((one) => one.blocked).length })}</summary>
            <ul class="track-list">
              {all.roads.map((one) => (
                <li key={one.id}>
                  <label>
                    <input
                      type="checkbox"
                      checked={said.get(one.id)?.blocked ?? false}
                      onChange={(event) => {
                        const blocked = event.currentTarget.checked;
                        void block(() => putBlock(id, one.id, blocked, said.get(one.id)?.revision ?? 0));
                      }}
                    />{" "}
                    {one.name || t("track.road")}
                  </label>
                </li>
              ))}
            </ul>
          </details>
        )}
        <p class="muted small">{t("track.digest", { digest: map.digest.slice(0, 12) })}</p>
      </aside>
    </div>
  );
}
