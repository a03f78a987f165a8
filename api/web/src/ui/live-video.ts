/** Fragments into a `<video>` through Media Source Extensions, kept close to the live edge. */

declare global {
  interface Window {
    /** iPhones have this one alone. */
    ManagedMediaSource?: typeof MediaSource;
  }
}

const Source = (): typeof MediaSource | undefined => window.ManagedMediaSource ?? window.MediaSource;

/** Whether this browser plays any H.264 that comes in fragments. */
export const playsVideo = (): boolean => Source()?.isTypeSupported('video/mp4; codecs="avc1.42e01e"') ?? false;

export const playsCodec = (codec: string): boolean => Source()?.isTypeSupported(mime(codec)) ?? false;

const mime = (codec: string): string => `video/mp4; codecs="${codec}"`;

/** Seconds behind the newest frame: more is caught up by playing faster until it is little, much more by a jump. */
const CLOSE_S = 0.3;
const CAUGHT_S = 0.18;
const FAR_S = 0.8;
/** A jump lands this far before the newest frame, so that there is one to play. */
const EDGE_S = 0.1;
const KEPT_S = 6;
const TRIM_AT_S = 20;
/** Frames that wait for the buffer; a browser that takes none for this long has broken off. */
const MOST_WAITING = 900;

export class LiveVideo {
  private source: MediaSource | null = null;
  private buffer: SourceBuffer | null = null;
  private address = "";
  private waiting: Uint8Array<ArrayBuffer>[] = [];
  private mark: { taken: number; at: number } | null = null;
  private frames = 0;

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly broke: () => void,
  ) {
    video.muted = true;
    video.playsInline = true;
    video.disableRemotePlayback = true;
    video.addEventListener("error", this.onError);
  }

  /** A new track. */
  begin(codec: string, init: Uint8Array<ArrayBuffer>): void {
    this.end();
    const source = new (Source()!)();
    this.source = source;
    this.waiting = [init];
    this.address = URL.createObjectURL(source);
    this.video.src = this.address;
    source.addEventListener(
      "sourceopen",
      () => {
        if (this.source !== source) return;
        this.buffer = source.addSourceBuffer(mime(codec));
        this.buffer.addEventListener("updateend", this.next);
        this.next();
      },
      { once: true },
    );
  }

  add(frame: Uint8Array<ArrayBuffer>): void {
    if (this.source === null) return;
    this.waiting.push(frame);
    if (this.waiting.length > MOST_WAITING) this.broke();
    else this.next();
  }

  clock(taken: number, at: number): void {
    this.mark = { taken, at };
  }

  /** Milliseconds from a frame's arrival at the hub to its showing; null while nothing shows. */
  latency(): number | null {
    if (this.mark === null || this.video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return null;
    return Date.now() - this.mark.taken - (this.video.currentTime - this.mark.at) * 1000;
  }

  /** Whether another frame was shown since the last call. */
  moved(): boolean {
    const before = this.frames;
    this.frames = this.video.getVideoPlaybackQuality?.().totalVideoFrames ?? this.video.currentTime;
    return this.frames !== before;
  }

  end(): void {
    this.buffer?.removeEventListener("updateend", this.next);
    this.buffer = this.source = this.mark = null;
    this.waiting = [];
    this.frames = 0;
    if (this.address === "") return;
    URL.revokeObjectURL(this.address);
    this.address = "";
    this.video.removeAttribute("src");
    this.video.load();
  }

  close(): void {
    this.video.removeEventListener("error", this.onError);
    this.end();
  }

  private readonly onError = (): void => {
    if (this.source !== null) this.broke();
  };

  private readonly next = (): void => {
    const { buffer, source } = this;
    if (buffer === null || source?.readyState !== "open" || buffer.updating) return;
    this.follow(buffer);
    const start = buffer.buffered.length > 0 ? buffer.buffered.start(0) : 0;
    if (this.video.currentTime - start > TRIM_AT_S) {
      buffer.remove(start, this.video.currentTime - KEPT_S);
      return;
    }
    if (this.waiting.length === 0) return;
    const joined = this.waiting.length === 1 ? this.waiting[0]! : join(this.waiting);
    this.waiting = [];
    try {
      buffer.appendBuffer(joined);
    } catch {
      this.broke(); // the browser's memory for media is full, or its decoder gave up
    }
  };

  /** Stays near the newest frame. */
  private follow(buffer: SourceBuffer): void {
    const { video } = this;
    const { buffered } = buffer;
    if (buffered.length === 0) return;
    const last = buffered.length - 1;
    const newest = buffered.end(last);
    const behind = newest - video.currentTime;
    if (video.currentTime < buffered.start(last) || behind > FAR_S || behind < -EDGE_S) {
      video.currentTime = Math.max(buffered.start(last), newest - EDGE_S);
    }
    if (behind > CLOSE_S) video.playbackRate = 1.1;
    else if (behind < CAUGHT_S) video.playbackRate = 1;
    if (video.paused) void video.play().catch(() => {}); // refused until somebody touches the page: shown as still
  }
}

function join(parts: readonly Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, one) => sum + one.length, 0));
  let at = 0;
  for (const one of parts) {
    whole.set(one, at);
    at += one.length;
  }
  return whole;
}
