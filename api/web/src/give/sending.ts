import { type Came, finish, piece, Refused, type Sending, view } from "./hub";
import { Sha256 } from "./sha256";

const READ = 1 << 20;
const WAITS_S = [1, 2, 5, 10, 20, 30];
/** Milliseconds a second of waiting lasts; a test has shorter ones. */
export const pace = { second: 1000 };
/** What passes by itself: no network, a hub that starts again, a disk that is being cleared. */
const PASSING = new Set(["offline", "too_many", "disk_full", "media_write", "timeout", "database_away", "database_locked"]);

/** How far it is. `waiting`: the line is down and it will go on by itself. */
export interface Progress {
  offset: number;
  waiting: string | null;
  checking: boolean;
}

/** Sends a file from where the hub has it, in pieces of so many bytes, however often the line breaks, until `stopped` says otherwise. */
export async function send(file: File, from: Came, bytes: number, tell: (now: Progress) => void, stopped: () => boolean): Promise<Sending | null> {
  const hash = new Sha256();
  let hashed = 0;
  let offset = from.offset;
  let failed = 0;

  async function hashTo(end: number): Promise<void> {
    while (hashed < end) {
      const part = await read(file, hashed, Math.min(hashed + READ, end));
      hash.add(part);
      hashed += part.length;
      if (hashed < offset) tell({ offset: hashed, waiting: null, checking: true });
    }
  }

  async function wait(why: string): Promise<void> {
    tell({ offset, waiting: why, checking: false });
    const until = Date.now() + pace.second * WAITS_S[Math.min(failed++, WAITS_S.length - 1)]!;
    while (Date.now() < until && !stopped()) await new Promise((done) => setTimeout(done, pace.second / 5));
  }

  while (!stopped()) {
    try {
      await hashTo(Math.min(offset + bytes, file.size));
      if (stopped()) return null;
      tell({ offset, waiting: null, checking: false });
      if (offset < file.size) {
        offset = await piece(from.id, offset, file.slice(offset, offset + bytes));
      } else {
        return await finish(from.id, hash.hex());
      }
      failed = 0;
    } catch (err) {
      if (!(err instanceof Refused)) throw err;
      if ((err.code === "upload_offset" || err.code === "upload_incomplete") && err.offset !== null) {
        offset = err.offset;
        if (err.code === "upload_incomplete") return send(file, { ...from, offset }, bytes, tell, stopped);
      } else if (err.code === "clip_link_used" || err.code === "upload_came") {
        return await view(); // the answer to the last step was lost
      } else if (PASSING.has(err.code) || /^http_5/.test(err.code)) {
        if (offset >= file.size) return afterWait(file, from, bytes, tell, stopped, () => wait(err.code));
        await wait(err.code);
      } else {
        throw err;
      }
    }
  }
  return null;
}

/** A digest is made once: when its answer is lost, what the hub has is asked for, and the file read anew if need be. */
async function afterWait(
  file: File,
  from: Came,
  bytes: number,
  tell: (now: Progress) => void,
  stopped: () => boolean,
  wait: () => Promise<void>,
): Promise<Sending | null> {
  for (;;) {
    await wait();
    if (stopped()) return null;
    try {
      const now = await view();
      const offset = now.offsets[from.id];
      return offset === undefined ? now : await send(file, { ...from, offset }, bytes, tell, stopped);
    } catch (err) {
      if (!(err instanceof Refused) || !PASSING.has(err.code)) throw err;
    }
  }
}

async function read(file: File, from: number, to: number): Promise<Uint8Array> {
  try {
    return new Uint8Array(await file.slice(from, to).arrayBuffer());
  } catch {
    throw new Refused("file_gone");
  }
}

const LONGEST = 1600;

/** A photograph made small enough to send at once; nothing but its picture stays. */
export async function shrunk(photo: File): Promise<Blob> {
  const picture = await createImageBitmap(photo).catch(() => {
    throw new Refused("picture_unreadable");
  });
  const share = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * share);
  canvas.height = Math.round(picture.height * share);
  canvas.getContext("2d")!.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return new Promise((done, fail) =>
    canvas.toBlob((blob) => (blob ? done(blob) : fail(new Refused("picture_unreadable"))), "image/jpeg", 0.85),
  );
}
