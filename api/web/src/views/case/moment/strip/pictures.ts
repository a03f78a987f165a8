/** Pictures of a film strip on canvases: a part of each, its contrast stretched, a few at a time. */

import { type Cell, type Part, readSheet, type StripDay } from "../../../../api/stills";

const AT_ONCE = 16;
const WIDER = 0.25;
const LEAST_PX = 24;
const LOWEST = 0.02;
const HIGHEST = 0.98;
const LEAST_RANGE = 12;

let running = 0;
const waiting: (() => void)[] = [];

/** Decoding is the browser's, but hundreds at once would hold hundreds of pictures. Who asks last is served first: he looks there. */
async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= AT_ONCE) await new Promise<void>((go) => waiting.push(go));
  running += 1;
  try {
    return await work();
  } finally {
    running -= 1;
    waiting.pop()?.();
  }
}

/** A part with some of what is around it, in pixels of a picture: as the hub compares it. */
export function widened({ x0, y0, x1, y1 }: Part, width: number, height: number): [number, number, number, number] {
  const side = (begin: number, end: number, length: number): [number, number] => {
    const around = (end - begin) * WIDER;
    const low = Math.max(0, begin - around);
    const high = Math.min(1, end + around);
    const size = Math.min(Math.max(Math.round((high - low) * length), LEAST_PX), length);
    const start = Math.min(Math.max(Math.round(((low + high) / 2) * length - size / 2), 0), length - size);
    return [start, size];
  };
  const [x, w] = side(x0, x1, width);
  const [y, h] = side(y0, y1, height);
  return [x, y, w, h];
}

/** The same in shares, for who has the hub cut it out. */
export function widerPart({ x0, y0, x1, y1 }: Part): Part {
  const [w, h] = [(x1 - x0) * WIDER, (y1 - y0) * WIDER];
  return { x0: Math.max(0, x0 - w), y0: Math.max(0, y0 - h), x1: Math.min(1, x1 + w), y1: Math.min(1, y1 + h) };
}

/** Draws a part of a picture (all of it for null); `live` says whether anybody still wants it. */
export const drawPart = (canvas: HTMLCanvasElement, picture: Blob, part: Part | null, stretched: boolean, live: () => boolean): Promise<boolean> =>
  inTurn(async () => {
    if (!live()) return false;
    const bitmap = await createImageBitmap(picture);
    try {
      if (!live()) return false;
      const [x, y, w, h] = part ? widened(part, bitmap.width, bitmap.height) : [0, 0, bitmap.width, bitmap.height];
      canvas.width = w;
      canvas.height = h;
      const context = canvas.getContext("2d", { willReadFrequently: stretched })!;
      context.drawImage(bitmap, x, y, w, h, 0, 0, w, h);
      if (stretched) stretch(context, w, h);
      return true;
    } finally {
      bitmap.close();
    }
  });

/** The darkest and the brightest hundredths become black and white: a thing in the shadow is seen. */
function stretch(context: CanvasRenderingContext2D, width: number, height: number): void {
  const image = context.getImageData(0, 0, width, height);
  const data = image.data;
  const counts = new Uint32Array(256);
  for (let n = 0; n < data.length; n += 4) counts[(data[n]! * 77 + data[n + 1]! * 150 + data[n + 2]! * 29) >> 8]! += 1;
  const [low, high] = ends(counts, data.length / 4);
  const by = 255 / Math.max(high - low, LEAST_RANGE);
  for (let n = 0; n < data.length; n += 4) for (let c = 0; c < 3; c += 1) data[n + c] = (data[n + c]! - low) * by;
  context.putImageData(image, 0, 0);
}

export function ends(counts: Uint32Array, total: number): [number, number] {
  let seen = 0;
  let low = 0;
  let high = 255;
  for (let level = 0, found = false; level < 256; level += 1) {
    seen += counts[level]!;
    if (!found && seen > total * LOWEST) [low, found] = [level, true];
    if (seen >= total * HIGHEST) {
      high = level;
      break;
    }
  }
  return [low, high];
}

/** The pictures of days, four requests at a time; `came` hears of each day. */
export async function readDays(days: readonly StripDay[], apart: number, came: (cells: Cell[]) => void, signal: AbortSignal): Promise<void> {
  const left = [...days].reverse(); // the latest first
  const one = async (): Promise<void> => {
    for (let day = left.shift(); day && !signal.aborted; day = left.shift()) came(await readSheet(day, apart, signal));
  };
  await Promise.all([one(), one(), one(), one()]);
}
