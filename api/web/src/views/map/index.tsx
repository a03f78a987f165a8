import { useEffect, useMemo, useState } from "preact/hooks";
import { exportGround, type Ground, type GroundEntrance } from "../../api/map";
import { problemText, t } from "../../i18n";
import { cameras, follow, places } from "../../store/cameras";
import { dropDraft, useDraft } from "../../store/drafts";
import { ground, groundTrouble, homeCode, positionsAround, readGroundOf } from "../../store/ground";
import { go, href, route } from "../../store/route";
import { may, settle } from "../../store/session";
import { AreaMap } from "../../ui/map";
import { Menu } from "../../ui/popover";
import { Failed, Notice, Stale } from "../../ui/notice";
import { save } from "../../ui/save";
import { toast } from "../../ui/toast";
import { Toolbar } from "../../ui/toolbar";
import "../../styles/mapview.css";
import { bearingOf, boundaryOf, corners, type Draft, DRAW, entranceDraft, newEntrance, newRoad, roadDraft } from "./draft";
import { DraftForm } from "./draftform";
import { Contents } from "./contents";
import { ImportDialog } from "./import";
import { PickedCamera, PickedEntrance, PickedRoad } from "./picked";
import { PlacePick } from "./placepick";

const DRAFT = "ground";
const NOTHING: GroundEntrance[] = [];

/** A place on the map: what is drawn of it, and its cameras as they are now. */
export function MapView() {
  const code = route.value.path[0] ?? homeCode();
  useEffect(follow, []);
  const [round, setRound] = useState(0);
  useEffect(() => {
    if (code === null) return undefined;
    const stop = new AbortController();
    void readGroundOf(code, stop.signal);
    return () => stop.abort();
  }, [code, round]);
  if (code === null) return <Notice title={t("ground.nothing")}>{t("ground.nothing.ask")}</Notice>;
  return <Place code={code} again={() => setRound((was) => was + 1)} />;
}

const drawnOf = (of: Ground): boolean =>
  of.roads.length + of.entrances.length > 0 || of.areas.some((one) => one.boundary !== null);

function Place({ code, again }: { code: string; again: () => void }) {
  const picked = route.value.query.get("at");
  const [kept, change, restart] = useDraft<{ draft: Draft | null }>(DRAFT, () => ({ draft: null }));
  const [importing, setImporting] = useState(false);
  // One draws in one place at a time; a draft of another place waits there.
  const draft = kept.draft?.code.startsWith(code) || code.startsWith(kept.draft?.code ?? "-") ? kept.draft : null;

  const of = ground.value?.code === code ? ground.value.of : null;
  const inside = useMemo(() => (cameras.value ?? []).filter((one) => one.village_code.startsWith(code)), [cameras.value, code]);
  const pick = (id: string | null): void => go(href("map", id === null ? undefined : new URLSearchParams({ at: id }), code), true);
  const setDraft = (next: Draft | null): void => (next === null ? restart({ draft: null }) : change({ draft: next }));

  const entrances = useMemo(() => {
    const others = (of?.entrances ?? NOTHING).filter((one) => one.id !== draft?.id);
    const at = draft?.what === "entrance" ? draft.points[0] : undefined;
    if (!draft || !at) return others;
    const shown: GroundEntrance = {
      id: "draft",
      place_code: draft.code,
      name: draft.name,
      lon: at[0],
      lat: at[1],
      bearing_deg: bearingOf(draft.bearing) ?? 0,
      camera_ids: [],
      revision: 0,
    };
    return [...others, shown];
  }, [of, draft]);
  const around = useMemo(() => positionsAround(code), [code, cameras.value, places.value]);
  const roads = useMemo(() => (of?.roads ?? []).filter((one) => one.id !== draft?.id), [of, draft?.id]);
  const areas = useMemo(
    () => (of?.areas ?? []).map((one) => (draft?.what === "boundary" && one.code === draft.code ? { ...one, boundary: null } : one)),
    [of, draft?.what, draft?.code],
  );

  async function take(): Promise<void> {
    try {
      const text = JSON.stringify(await exportGround(code));
      save(new Blob([text], { type: "application/geo+json" }), `${places.value.get(code)?.name ?? code}.geojson`);
    } catch (err) {
      toast(problemText(settle(err)), { tone: "bad" });
    }
  }

  const trouble = groundTrouble.value;
  if (of === null && trouble) return <><PlacePick code={code} /><Failed problem={trouble} retry={again} /></>;
  const camera = inside.find((one) => one.id === picked);
  const entrance = of?.entrances.find((one) => one.id === picked);
  const road = of?.roads.find((one) => one.id === picked);
  const village = code.length === 12;
  const area = of?.areas.find((one) => one.code === code);
  return (
    <section class="map-view" aria-label={t("nav.map")}>
      <Toolbar label={t("nav.map")}>
        <PlacePick code={code} />
        <span class="grow" />
        {may("register") && of && !draft && (
          <>
            {area && (
              <button type="button" onClick={() => setDraft(boundaryOf(area))}>
                {t(area.boundary ? "ground.edit.boundary" : "ground.draw.boundary")}
              </button>
            )}
            <button type="button" onClick={() => setDraft(newRoad(code))}>
              {t("ground.draw.road")}
            </button>
            {village && (
              <button type="button" onClick={() => setDraft(newEntrance(code))}>
                {t("ground.draw.entrance")}
              </button>
            )}
          </>
        )}
        {of && (
          <Menu
            label={t("geojson.menu")}
            items={[
              ...(may("register") ? [{ label: t("geojson.open"), run: () => setImporting(true) }] : []),
              { label: t("geojson.export"), run: () => void take() },
            ]}
          />
        )}
      </Toolbar>
      {trouble && <Stale problem={trouble} />}
      {of && cameras.value && around.length === 0 && !drawnOf(of) && <p class="hint">{t("ground.unplaced")}</p>}
      <div class="map-split">
        <AreaMap
          label={places.value.get(code)?.name ?? code}
          places={areas}
          cameras={inside}
          roads={roads}
          entrances={entrances}
          selected={draft?.what === "entrance" ? "draft" : (picked ?? code)}
          onPickCamera={draft ? undefined : pick}
          onPickEntrance={draft ? undefined : pick}
          onPickPoint={() => pick(null)}
          draw={draft ? DRAW[draft.what] : null}
          drawn={draft?.points ?? []}
          onDrawn={(drawn) => draft && setDraft({ ...draft, points: corners(drawn) })}
          onCancel={() => setDraft(null)}
          fitTo={of && cameras.value ? code : ""}
          near={around}
        />
        <div class="map-side">
          {draft ? (
            <DraftForm
              key={`${draft.what}${draft.id}`}
              draft={draft}
              cameras={inside}
              change={(part) => setDraft({ ...draft, ...part })}
              done={(saved) => {
                dropDraft(DRAFT);
                setDraft(null);
                if (saved) again();
              }}
            />
          ) : (
            <>
              {camera && <PickedCamera key={camera.id} camera={camera} />}
              {entrance && (
                <PickedEntrance
                  key={entrance.id}
                  entrance={entrance}
                  cameras={cameras.value ?? []}
                  pick={pick}
                  edit={() => setDraft(entranceDraft(entrance))}
                  gone={again}
                />
              )}
              {road && <PickedRoad key={road.id} road={road} edit={() => setDraft(roadDraft(road))} gone={again} />}
              {of && <Contents code={code} of={of} cameras={inside} selected={picked} pick={pick} />}
              {!of && <div class="waiting" role="status" aria-label={t("loading")}><div class="bone bone-row" /></div>}
            </>
          )}
        </div>
      </div>
      {importing && <ImportDialog code={code} onClose={() => setImporting(false)} done={again} />}
    </section>
  );
}
