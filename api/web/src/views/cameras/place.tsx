import { useEffect, useMemo } from "preact/hooks";
import { DATUMS } from "../../api/register";
import { t, word } from "../../i18n";
import { type CameraForm, datumOf, numberOf, pairOf, placeOf } from "../../store/cameraform";
import { cameras, places } from "../../store/cameras";
import { ground, positionsAround, readGroundOf } from "../../store/ground";
import { Field } from "../../ui/field";
import { AreaMap, type Area, type Cone, type LonLat } from "../../ui/map";
import { distance } from "../../ui/map/geo";
import { TextField, wrongText, type FormProps } from "./fields";

/** Beyond this the hub warns too: another datum, or latitude and longitude exchanged. */
const FAR_M = 50_000;
const USUAL_ANGLE = "60";
/** One array for ever: a new one would be painted anew. */
const NONE: never[] = [];

/** Where it stands, where it looks and how wide: picked and dragged on the map, or typed in the datum of one's source. */
export function PlaceFields({ without, ...props }: FormProps & { without?: string }) {
  const { form, change, wrong } = props;
  const at = placeOf(form);
  const village = places.value.get(form.village_code);
  const around = useMemo(
    () => (cameras.value ?? []).filter((one) => one.village_code === form.village_code && one.id !== without),
    [cameras.value, form.village_code, without],
  );
  const code = form.village_code;
  useEffect(() => {
    const stop = new AbortController();
    if (code !== "") void readGroundOf(code, stop.signal);
    return () => stop.abort();
  }, [code]);
  const drawn = ground.value?.code === code ? ground.value.of : null;
  const areas: readonly Area[] = useMemo(() => drawn?.areas ?? (village ? [{ ...village, boundary: null }] : []), [drawn, village]);
  const near = useMemo(() => positionsAround(code), [code, cameras.value, places.value]);
  const cone: Cone | null =
    at === null ? null : { ...at, bearing_deg: numberOf(form.bearing_deg), view_angle_deg: numberOf(form.view_angle_deg) };
  const far = at !== null && village?.lat != null && village.lon != null && distance([at.lon, at.lat], [village.lon, village.lat]) > FAR_M;

  const swapped = Math.abs(numberOf(form.lat) ?? 0) > 90 && Math.abs(numberOf(form.lon) ?? 180) <= 90;
  const placed = (lat: number, lon: number): Partial<CameraForm> => ({
    lat: lat.toFixed(6),
    lon: lon.toFixed(6),
    datum: "wgs84",
    view_angle_deg: form.view_angle_deg === "" ? USUAL_ANGLE : form.view_angle_deg,
  });
  function turn({ lat, lon, bearing_deg: bearing, view_angle_deg: angle }: Cone): void {
    const part = placed(lat, lon);
    if (bearing !== null) part.bearing_deg = String(Math.round(bearing) % 360);
    if (angle !== null) part.view_angle_deg = String(Math.round(angle));
    change(part);
  }
  function type(name: "lat" | "lon", text: string): void {
    const pair = pairOf(text);
    change(pair ? { lat: pair[0], lon: pair[1] } : { [name]: text });
  }

  return (
    <div class="place-fields">
      <AreaMap
        label={t("place.map")}
        places={areas}
        roads={drawn?.roads ?? NONE}
        entrances={drawn?.entrances ?? NONE}
        cameras={around}
        cone={cone}
        onCone={turn}
        onPickPoint={([lon, lat]: LonLat) => change(placed(lat, lon))}
        // Once more when what is drawn there is known.
        fitTo={drawn ? `${code} drawn` : code}
        near={near}
      />
      <p class="field-hint">{t(near.length === 0 && at === null ? "place.nowhere" : "place.map.hint")}</p>
      <div class="fields fields-short">
        {(["lat", "lon"] as const).map((name) => (
          <Field key={name} label={t(`field.${name}`)} error={wrongText(wrong[name])} optional={t("optional")}>
            {(wired) => (
              <input
                {...wired}
                name={name}
                inputMode="decimal"
                autocomplete="off"
                maxLength={40}
                value={form[name]}
                onInput={(event) => type(name, event.currentTarget.value)}
              />
            )}
          </Field>
        ))}
        <Field label={t("field.datum")} hint={form.datum === "wgs84" ? undefined : t("field.datum.hint")}>
          {(wired) => (
            <select {...wired} name="datum" value={form.datum} onChange={(event) => change({ datum: datumOf(event.currentTarget.value) })}>
              {DATUMS.map((one) => (
                <option key={one} value={one}>
                  {word("datum", one)}
                </option>
              ))}
            </select>
          )}
        </Field>
        <TextField {...props} name="bearing_deg" optional mode="decimal" hint={t("field.bearing_deg.hint")} />
        <TextField {...props} name="view_angle_deg" optional mode="decimal" />
      </div>
      {(swapped || wrong.lat === "swapped") && (
        <p class="hint row">
          {t("wrong.swapped")}
          <button type="button" class="small-button" onClick={() => change({ lat: form.lon, lon: form.lat })}>
            {t("place.swap")}
          </button>
        </p>
      )}
      {far && (
        <p class="hint" role="status">
          {t("place.far", { village: village?.name ?? "" })}
        </p>
      )}
    </div>
  );
}
