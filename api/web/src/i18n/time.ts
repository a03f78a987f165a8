/** Local time of the villages: 24 hours, YYYY-MM-DD HH:mm:ss, whatever the browser's own zone and customs. */

const partsIn = (timeZone: string): Intl.DateTimeFormat =>
  new Intl.DateTimeFormat("en-CA", {
    timeZone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  });

let parts = partsIn("Asia/Shanghai");

/** Tells every time from now on in that zone; one that this browser does not know changes nothing. */
export function setZone(zone: string): void {
  try {
    parts = partsIn(zone);
  } catch (err) {
    if (!(err instanceof RangeError)) throw err;
  }
}

type Part = "year" | "month" | "day" | "hour" | "minute" | "second";

function split(at: Date): Record<Part, string> {
  const found = { year: "", month: "", day: "", hour: "", minute: "", second: "" };
  for (const part of parts.formatToParts(at)) if (part.type in found) found[part.type as Part] = part.value;
  return found;
}

/** 2026-11-23 17:44:14 */
export function stamp(at: Date | string | number): string {
  const p = split(new Date(at));
  return `${p.year}-${p.month}-${p.day} ${p.hour}:${p.minute}:${p.second}`;
}

/** 2026-11-23 17:44, as typed into a filter */
export const minute = (at: Date | string | number): string => stamp(at).slice(0, 16);

/** 17:44 */
export const clock = (at: Date | string | number): string => stamp(at).slice(11, 16);

/** Milliseconds the zone is ahead of UTC at that moment. */
export function ahead(at: number): number {
  const p = split(new Date(at));
  return Date.UTC(+p.year, +p.month - 1, +p.day, +p.hour, +p.minute, +p.second) - Math.floor(at / 1000) * 1000;
}

/** The moment `2026-11-23`, `2026-11-23 17:44` or `…:14` names in the villages' time; null when it is no such time. */
export function parseLocal(text: string): Date | null {
  const found = /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2}))?)?$/.exec(text.trim());
  if (!found) return null;
  const [y, mo, d, h, mi, s] = found.slice(1).map((one) => Number(one ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const wall = Date.UTC(y, mo - 1, d, h, mi, s);
  const back = new Date(wall);
  if (back.getUTCMonth() !== mo - 1 || back.getUTCDate() !== d || h > 23 || mi > 59 || s > 59) return null;
  return new Date(wall - ahead(wall - ahead(wall)));
}

/** 22:05 for 1325 minutes after midnight. */
export const hhmm = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;

/** HH:MM, or null. Accepts 4:30 and full-width colons, which Chinese input methods type. */
export function parseClock(text: string): string | null {
  const found = /^(\d{1,2})[:：](\d{2})$/.exec(text.trim());
  if (!found || Number(found[1]) > 23 || Number(found[2]) > 59) return null;
  return `${found[1]!.padStart(2, "0")}:${found[2]}`;
}
