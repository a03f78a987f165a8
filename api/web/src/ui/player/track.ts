/**
 * One camera of those that play together: a video fed with its segments, or pictures of keyframes where the browser cannot
 * play them, and what is said where nothing can be shown. A picture that is not of the moment is never left standing.
 */

import { signal } from "@preact/signals";
import { BREAK_MS, Feed, keyframesOnly, type Now } from "./feed";
import { plays, Sink } from "./sink";
import { steer } from "./steer";
import type { Piece, Windows } from "../../store/playwindows";
import { heard } from "../../store/session";

export type Shows = "video" | "picture" | "loading" | "none" | "damaged" | "refused";

export interface TrackState {
  shows: Shows;
  /** Why it is refused, or what is wrong with the recording. */
  why: string | null;
  /** How far the camera's own clock is ahead of the hub's, in ms. */
  offset: number | null;
  size: string;
}

const SILENT: TrackState = { shows: "loading", why: null, offset: null, size: "" };
/** Paused, a frame is sought when the moment moved by more than this. */
const EXACT_S = 0.0005;
/** A seek within what is at hand takes less: nothing is said of it. */
const LATE_MS = 300;
const PICTURE_MS = 1_000;
const PICTURE_WIDTH = 1280;
/** A video element that breaks this often on one segment will not play it. */
const MOST_BREAKS = 2;

export class Track {
  readonly state = signal<TrackState>(SILENT);
  readonly video = document.createElement("video");
  readonly image = document.createElement("img");
  private readonly sink = new Sink(this.video);
  private readonly feed: Feed;
  private sought = -1;
  private fast = false;
  private backwards = false;
  private lapses = 0;
  private lateSince: number | null = null;
  private broken = 0;
  private pictured = { at: -1, when: -Infinity, busy: false };

  constructor(
    readonly camera: string,
    private readonly windows: Windows,
    private readonly now: Now,
    private readonly epoch: number,
  ) {
    this.video.muted = true;
    this.video.playsInline = true;
    this.video.tabIndex = -1;
    this.video.disablePictureInPicture = true;
    this.image.alt = "";
    this.image.hidden = true;
    this.feed = new Feed(camera, windows, this.sink, now, epoch, () => this.spoil());
    this.video.addEventListener("error", this.onError);
  }

  /** Brings what is shown to the clock's moment. False: it would show something and cannot yet. */
  follow(playing: boolean): boolean {
    const { at, rate } = this.now;
    const piece = this.windows.at(this.camera, at);
    if (piece === undefined) return this.say("loading");
    if (piece === null) return this.without(at);
    if (!plays(piece.mime)) {
      this.video.pause();
      this.state.value = this.describe("picture", piece);
      this.depict(piece, at);
      return true;
    }
    if (this.show(at, rate, playing)) {
      this.lateSince = null;
      this.state.value = this.describe("video", piece);
      return true;
    }
    this.lateSince ??= performance.now();
    return performance.now() - this.lateSince > LATE_MS && this.say("loading", null, piece);
  }

  /** The next frame or the one before, in hub time; null where it is not at hand. */
  frame(at: number, by: 1 | -1): number | null {
    return this.feed.frame(at, by);
  }

  /** Nothing was recorded at the clock's moment, or nothing that can be read. */
  get empty(): boolean {
    return this.state.value.shows === "none" || this.state.value.shows === "damaged";
  }

  close(): void {
    this.video.removeEventListener("error", this.onError);
    this.feed.end();
    this.sink.close();
    this.image.removeAttribute("src");
  }

  private show(at: number, rate: number, playing: boolean): boolean {
    const { video, sink, feed } = this;
    if (this.fast !== keyframesOnly(rate) || this.backwards !== rate < 0) {
      this.fast = keyframesOnly(rate);
      this.backwards = rate < 0;
      feed.end();
      void sink.empty().catch(() => {}); // closed meanwhile: it is empty
    }
    if (!feed.heads(at)) {
      feed.start(at);
      this.sought = -1;
    }
    const target = (at - this.epoch) / 1000;
    if (!sink.covers(target)) {
      video.pause();
      return false;
    }
    if (!playing || rate < 0) {
      video.pause();
      this.seek(target);
    } else this.chase(target, rate);
    // Backwards it is one seek after the other.
    if (rate < 0) return true;
    return !video.seeking && video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA;
  }

  private chase(target: number, rate: number): void {
    const { video } = this;
    if (video.seeking) return;
    const how = steer(video.currentTime - target, rate);
    if ("seek" in how) this.seek(target);
    else if (video.playbackRate !== how.rate) video.playbackRate = how.rate;
    this.sought = -1;
    if (video.paused) void video.play().catch(() => {}); // another pause overtook it
  }

  private seek(target: number): void {
    if (Math.abs(this.sought - target) < EXACT_S) return;
    // One seek after the other, but one whose footage was forgotten meanwhile would never end.
    if (this.video.seeking && this.sink.covers(this.sought)) return;
    this.sought = target;
    this.video.currentTime = target;
  }

  private without(at: number): boolean {
    this.video.pause();
    const [refused, damage] = [this.windows.refusal(this.camera, at), this.windows.damage(this.camera, at)];
    if (refused !== null) {
      heard(refused);
      return !this.say("refused", refused);
    }
    if (damage !== null) return !this.say("damaged", damage);
    // Between two segments lies less than one sees: what was shown stays.
    if (this.state.value.shows === "video" && this.bridges(at)) return true;
    return !this.say("none");
  }

  private bridges(at: number): boolean {
    const [before, after] = [this.windows.at(this.camera, at - BREAK_MS), this.windows.at(this.camera, at + BREAK_MS)];
    return Boolean(before && after);
  }

  /** A picture of the keyframe, about once a second; the one shown stays until the next has come. */
  private depict(piece: Piece, at: number): void {
    const [shown, when] = [this.pictured, performance.now()];
    if (shown.busy || Math.round(at) === shown.at || when - shown.when < PICTURE_MS) return;
    this.pictured = { at: Math.round(at), when, busy: true };
    this.image.onload = () => {
      this.pictured.busy = false;
      this.image.hidden = false;
    };
    this.image.onerror = () => {
      this.pictured.busy = false;
      this.image.hidden = true;
      if (this.windows.forget(at)) void this.windows.load(at);
    };
    this.image.src = `${piece.picture_url}&at=${Math.round(at)}&width=${PICTURE_WIDTH}`;
  }

  private describe(shows: Shows, piece: Piece): TrackState {
    const was = this.state.value;
    const size = `${piece.width}×${piece.height}`;
    const same = was.shows === shows && was.why === piece.damage && was.offset === piece.clock_offset_ms && was.size === size;
    return same ? was : { shows, why: piece.damage, offset: piece.clock_offset_ms, size };
  }

  /** False, for `follow`. */
  private say(shows: Shows, why: string | null = null, piece: Piece | null = null): false {
    const was = this.state.value;
    if (was.shows !== shows || was.why !== why)
      this.state.value = { shows, why, offset: piece?.clock_offset_ms ?? null, size: piece ? `${piece.width}×${piece.height}` : "" };
    return false;
  }

  private readonly onError = (): void => {
    if (this.video.error !== null && this.video.src !== "") this.spoil();
  };

  /** The browser gave up: it starts anew, and a segment that breaks it again is passed over. */
  private spoil(): void {
    const { at } = this.now;
    const piece = this.windows.at(this.camera, at);
    if (piece) {
      this.lapses = this.broken === piece.from ? this.lapses + 1 : 1;
      this.broken = piece.from;
      if (this.lapses >= MOST_BREAKS) this.windows.spoil(this.camera, piece, "corrupt");
    }
    this.feed.end();
    this.sink.close();
    this.sought = -1;
  }
}
