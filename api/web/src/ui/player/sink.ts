/** One video's media buffer: what is put in is taken one thing after the other, and room is made when it is full. */

/** iPhones have the managed one alone. */
const mediaSource = (): typeof MediaSource | undefined => window.ManagedMediaSource ?? window.MediaSource;

export const plays = (mime: string | null): boolean => mime !== null && (mediaSource()?.isTypeSupported(mime) ?? false);

/** Seconds kept behind the moment shown, at the speed of the recording. */
const KEPT_S = 30;

export class Sink {
  private source: MediaSource | null = null;
  private buffer: SourceBuffer | null = null;
  private address = "";
  private mime = "";
  /** The end of what is under way; the next waits for it. */
  private tail: Promise<void> = Promise.resolve();

  constructor(private readonly video: HTMLVideoElement) {}

  /** Puts a file's first bytes at `offset` seconds of the video's time. Opens the source where it is not. */
  begin(mime: string, offset: number): Promise<void> {
    return this.next(async () => {
      const buffer = this.buffer ?? (await this.open(mime));
      if (this.source?.readyState === "open") buffer.abort();
      if (mime !== this.mime) buffer.changeType(mime);
      this.mime = mime;
      buffer.timestampOffset = offset;
    });
  }

  /** `shown` is the moment of the video's time that one looks at: around it nothing is forgotten. */
  append(data: Uint8Array<ArrayBuffer>, shown: number): Promise<void> {
    return this.next(async () => {
      const { buffer } = this;
      if (buffer === null) return;
      try {
        buffer.appendBuffer(data);
      } catch (err) {
        if (!(err instanceof DOMException) || err.name !== "QuotaExceededError") throw err;
        await this.clear(buffer, 0, shown - 2);
        buffer.appendBuffer(data);
      }
      await settled(buffer);
    });
  }

  /** Forgets what lies far from what one looks at. */
  trim(rate: number, shown: number): Promise<void> {
    return this.next(async () => {
      const { buffer } = this;
      if (buffer === null || buffer.buffered.length === 0) return;
      const kept = KEPT_S * Math.max(1, Math.abs(rate));
      if (buffer.buffered.start(0) < shown - 2 * kept)
        await this.clear(buffer, 0, shown - kept);
      const end = buffer.buffered.length > 0 ? buffer.buffered.end(buffer.buffered.length - 1) : 0;
      if (end > shown + 4 * kept) await this.clear(buffer, shown + 4 * kept, Infinity);
    });
  }

  /** Forgets everything that is in it. */
  empty(): Promise<void> {
    return this.next(async () => {
      const { buffer } = this;
      if (buffer === null) return;
      if (this.source?.readyState === "open") buffer.abort();
      await this.clear(buffer, 0, Infinity);
    });
  }

  /** Whether the video can show a moment of its time now; where a little before its first frame, that one is meant. */
  covers(at: number): boolean {
    const { buffer } = this;
    if (buffer === null || this.source?.readyState === "closed") return false;
    const { buffered } = buffer;
    for (let n = 0; n < buffered.length; n += 1) if (buffered.start(n) - 0.2 <= at && at < buffered.end(n)) return true;
    return false;
  }

  /** Closes the source; the next `begin` opens another. */
  close(): void {
    this.buffer = this.source = null;
    this.mime = "";
    this.tail = Promise.resolve();
    if (this.address === "") return;
    URL.revokeObjectURL(this.address);
    this.address = "";
    this.video.removeAttribute("src");
    this.video.load();
  }

  private async open(mime: string): Promise<SourceBuffer> {
    const source = new (mediaSource()!)();
    this.source = source;
    this.address = URL.createObjectURL(source);
    this.video.src = this.address;
    await new Promise<void>((done) => source.addEventListener("sourceopen", () => done(), { once: true }));
    if (this.source !== source) throw new DOMException("closed meanwhile", "AbortError");
    source.duration = Infinity;
    this.buffer = source.addSourceBuffer(mime);
    this.mime = mime;
    return this.buffer;
  }

  private async clear(buffer: SourceBuffer, from: number, to: number): Promise<void> {
    if (to <= from || this.source?.readyState === "closed") return;
    buffer.remove(from, to);
    await settled(buffer);
  }

  private next(work: () => Promise<void>): Promise<void> {
    const done = this.tail.then(work);
    this.tail = done.catch(() => {}); // who asked hears of it; the next begins all the same
    return done;
  }
}

async function settled(buffer: SourceBuffer): Promise<void> {
  if (!buffer.updating) return;
  await new Promise<void>((done, failed) => {
    const over = (): void => {
      buffer.removeEventListener("updateend", over);
      buffer.removeEventListener("error", broke);
      done();
    };
    const broke = (): void => {
      buffer.removeEventListener("updateend", over);
      failed(new DOMException("the browser cannot read it", "DataError"));
    };
    buffer.addEventListener("updateend", over, { once: true });
    buffer.addEventListener("error", broke, { once: true });
  });
}
