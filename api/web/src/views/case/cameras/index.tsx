import { useEffect, useMemo, useState } from "preact/hooks";
import { chooseCameras, type Mode, MODES, type NearCamera, nearCameras, type Nearby } from "../../../api/cases";
import { t, word } from "../../../i18n";
import { minute } from "../../../i18n/time";
import { useAsked } from "../../../store/asked";
import { cameras as known } from "../../../store/cameras";
import { ground, readGroundOf } from "../../../store/ground";
import { Notice, Stale, Unread } from "../../../ui/notice";
import { AreaMap, type Circle, type MapCamera } from "../../../ui/map";
import { Segments } from "../../../ui/tabs";
import type { StepProps } from "../steps";
import { Row } from "./row";

const MINUTES = [5, 10, 20, 30, 60] as const;
const NONE: never[] = [];
const DETOUR = 1.4;

/** The cameras near the scene by the time it takes to get there; those that are ticked are the case's. */
export function Cameras({ of }: StepProps) {
  const [mode, setMode] = useState<Mode>("ebike");
  const [minutes, setMinutes] = useState<number>(20);
  const [picked, setPicked] = useState<string | null>(null);
  const { value: near, problem, again, keep, act } = useAsked((until) => nearCameras(of.id, mode, minutes, until), [of.id, of.revision, mode, minutes]);

  function choose(one: NearCamera, chosen: boolean): void {
    if (!near) return;
    keep({ ...near, cameras: near.cameras.map((each) => (each.camera_id === one.camera_id ? { ...each, chosen } : each)) });
    void chooseCameras(of.id, chosen ? { add: [one.camera_id] } : { drop: [one.camera_id] }).catch((err: unknown) => act(() => Promise.reject(err as Error)));
  }

  return (
    <section class="near" aria-label={t("step.cameras")}>
      <div class="row near-tools">
        <Segments label={t("near.mode")} value={mode} options={MODES.map((one) => ({ value: one, label: word("mode", one) }))} onChange={setMode} />
        <label class="row">
          <span>{t("near.within")}</span>
          <select value={String(minutes)} onChange={(event) => setMinutes(Number(event.currentTarget.value))}>
            {MINUTES.map((one) => (
              <option key={one} value={String(one)}>
                {t("span.min", { n: one })}
              </option>
            ))}
          </select>
        </label>
        <span class="grow" />
        {near && <span class="muted">{t("near.chosen", { n: near.cameras.filter((one) => one.chosen).length })}</span>}
      </div>
      {near === null ? (
        <Unread problem={problem} retry={again} />
      ) : (
        <>
          {problem && <Stale problem={problem} />}
          <p class="muted small">
            {t("near.window", { from: minute(near.from), to: minute(near.to) })} {t(near.by_road ? "near.byRoad" : "near.estimate")}
          </p>
          {near.cameras.length === 0 && <Notice title={t("near.none")}>{t("near.none.how")}</Notice>}
          <div class="near-columns">
            <ul class="near-list">
              {near.cameras.map((one) => (
                <Row
                  key={one.camera_id}
                  one={one}
                  near={near}
                  picked={picked === one.camera_id}
                  pick={() => setPicked(one.camera_id)}
                  choose={(chosen) => choose(one, chosen)}
                />
              ))}
              {near.more > 0 && <li class="muted small">{t("near.more", { n: near.more })}</li>}
            </ul>
            <NearMap near={near} place={of.places[0] ?? null} picked={picked} pick={setPicked} />
          </div>
        </>
      )}
    </section>
  );
}

/** The same on a map, with rings: nobody gets further in that time, and by winding roads not as far. */
function NearMap({ near, place, picked, pick }: { near: Nearby; place: string | null; picked: string | null; pick: (id: string) => void }) {
  useEffect(() => {
    const stop = new AbortController();
    if (place !== null) void readGroundOf(place.slice(0, 9), stop.signal);
    return () => stop.abort();
  }, [place]);
  const drawn = ground.value?.of;
  const rings = useMemo<Circle[]>(() => {
    const reach = near.within_m / (near.by_road ? 1 : DETOUR);
    return [0.25, 0.5, 1].map((share) => ({ lat: near.lat, lon: near.lon, radius_m: reach * share }));
  }, [near.lat, near.lon, near.within_m, near.by_road]);
  const shown = useMemo<MapCamera[]>(() => {
    const states = new Map((known.value ?? []).map((one) => [one.id, one.status]));
    return near.cameras.map((one) => ({
      id: one.camera_id,
      name: one.minutes === null ? one.name : t("near.named", { name: one.name, n: Math.round(one.minutes) }),
      lat: one.lat,
      lon: one.lon,
      bearing_deg: one.bearing_deg,
      view_angle_deg: one.view_angle_deg,
      status: states.get(one.camera_id) ?? { state: "idle", reason: null, picture: null },
    }));
  }, [near.cameras, known.value]);
  return (
    <div class="near-map">
      <AreaMap
        label={t("step.cameras")}
        cameras={shown}
        roads={drawn?.roads ?? NONE}
        entrances={drawn?.entrances ?? NONE}
        places={drawn?.areas ?? NONE}
        rings={rings}
        selected={picked}
        onPickCamera={pick}
        near={[[near.lon, near.lat]]}
        fitTo={`${near.mode} ${near.minutes}`}
      />
      <p class="muted small">{t("near.rings", { a: near.minutes / 4, b: near.minutes / 2, c: near.minutes })}</p>
    </div>
  );
}
