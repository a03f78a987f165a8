/**
 * When each frame of a fragmented MP4 shows, read while it arrives, so that stepping goes from frame to frame whatever the
 * camera's rate. Nothing is decoded: only `mdhd`, `tfhd`, `tfdt` and `trun` are read, of a file with one track.
 */

const HEAD = 8;
/** A description of frames larger than this is none of ours: it is passed over. */
const MOST = 4_000_000;

export class FrameTimes {
  private rest = new Uint8Array(0);
  private passing = 0;
  private timescale = 0;
  private usual = 0;

  /** Takes the next bytes of the file; the times of the frames that became known, in ms from its start, as they are stored. */
  read(chunk: Uint8Array): number[] {
    const found: number[] = [];
    let data: Uint8Array = chunk;
    if (this.passing > 0) {
      const passed = Math.min(this.passing, data.length);
      this.passing -= passed;
      data = data.subarray(passed);
    }
    if (this.rest.length > 0) data = joined(this.rest, data);
    let at = 0;
    while (data.length - at >= HEAD) {
      const view = new DataView(data.buffer, data.byteOffset + at);
      const size = view.getUint32(0);
      const name = nameAt(view, 4);
      if (size < HEAD) return found; // open-ended or broken: nothing more can be told apart
      const wanted = (name === "moov" || name === "moof") && size <= MOST;
      if (data.length - at < size) {
        if (!wanted) {
          this.passing = size - (data.length - at);
          at = data.length;
        }
        break;
      }
      if (wanted) this.take(new DataView(data.buffer, data.byteOffset + at, size), HEAD, found);
      at += size;
    }
    this.rest = data.slice(at);
    return found;
  }

  private base = 0;
  private each = 0;

  private take(box: DataView, from: number, found: number[]): void {
    for (let at = from; at + HEAD <= box.byteLength; ) {
      const size = box.getUint32(at);
      if (size < HEAD || at + size > box.byteLength) return;
      const inner = new DataView(box.buffer, box.byteOffset + at, size);
      switch (nameAt(box, at + 4)) {
        case "trak":
        case "mdia":
        case "mvex":
        case "traf":
          this.take(inner, HEAD, found);
          break;
        case "mdhd":
          this.timescale = inner.getUint32(inner.getUint8(8) === 1 ? 28 : 20);
          break;
        case "trex":
          this.usual = inner.getUint32(20);
          break;
        case "tfhd":
          this.each = durationIn(inner) ?? this.usual;
          break;
        case "tfdt":
          this.base = inner.getUint8(8) === 1 ? inner.getUint32(12) * 2 ** 32 + inner.getUint32(16) : inner.getUint32(12);
          break;
        case "trun":
          this.run(inner, found);
          break;
      }
      at += size;
    }
  }

  private run(box: DataView, found: number[]): void {
    const flags = box.getUint32(8) & 0xffffff;
    const count = box.getUint32(12);
    let at = 16 + (flags & 0x1 ? 4 : 0) + (flags & 0x4 ? 4 : 0);
    const width = 4 * [0x100, 0x200, 0x400, 0x800].filter((one) => flags & one).length;
    if (this.timescale === 0 || at + count * width > box.byteLength) return;
    for (let n = 0; n < count; n += 1, at += width) {
      const shift = flags & 0x800 ? box.getInt32(at + width - 4) : 0;
      found.push(((this.base + shift) * 1000) / this.timescale);
      this.base += flags & 0x100 ? box.getUint32(at) : this.each;
    }
  }
}

/** The duration of each sample that a `tfhd` states; null where it leaves it to the file's. */
function durationIn(box: DataView): number | null {
  const flags = box.getUint32(8) & 0xffffff;
  if (!(flags & 0x8)) return null;
  return box.getUint32(16 + (flags & 0x1 ? 8 : 0) + (flags & 0x2 ? 4 : 0));
}

const nameAt = (view: DataView, at: number): string =>
  String.fromCharCode(view.getUint8(at), view.getUint8(at + 1), view.getUint8(at + 2), view.getUint8(at + 3));

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const whole = new Uint8Array(a.length + b.length);
  whole.set(a);
  whole.set(b, a.length);
  return whole;
}
