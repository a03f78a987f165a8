/**
 * `<live-tile>`: one camera, live. A plain element, so that no drawing of the page around it restarts it: it begins when
 * `camera` changes and ends when it leaves the page. It never shows a still picture as if it were alive.
 */

import { effect } from "@preact/signals";
import type { Form, Stream, TileState } from "../api/live";
import { Problem } from "../api/client";
import { problemText, t, word } from "../i18n";
import { openTile } from "../store/live";
import { heard, purpose } from "../store/session";
import { language } from "../store/settings";
import { LiveVideo, playsCodec, playsVideo } from "./live-video";
import "../styles/live.css";

declare module "preact" {
  namespace JSX {
    interface IntrinsicElements {
      "live-tile": HTMLAttributes<LiveTile> & { camera: string; label: string; stream?: Stream; compact?: boolean };
    }
  }
}

const LOOK_MS = 250;
/** Without a new picture for this long, what is seen is said to be old. */
const STALE_MS = 2_000;
/** Keyframes, previews and masked pictures come as seldom as they are made: late is half as long again as the last one took. */
const SELDOM_LATE = 1.5;
const SELDOM_MOST_MS = 15_000;
/** How long it is said that the picture came back, and after what. */
const MENDED_MS = 10_000;
/** A tab nobody sees lets go of its cameras: live viewing is on record. */
const HIDDEN_MS = 60_000;
const RESTART_MS = 1_000;
const SLOW_MS = 5_000;

type Doing = "waiting" | "playing" | "stale" | "off";

class LiveTile extends HTMLElement {
  private readonly video = document.createElement("video");
  private readonly image = document.createElement("img");
  private readonly veil = part("live-veil");
  /** Read out when it changes; the seconds beside it are not. */
  private readonly told = part("live-told");
  private readonly old = part("live-old");
  private readonly foot = part("live-foot");
  private readonly player = new LiveVideo(this.video, () => this.restart());
  private wanted = "";
  private named = "";
  private best: Stream = "sub";
  /** The main stream gave nothing this browser shows: the sub-stream has to do. */
  private mainFailed = false;
  private small = false;
  private form: Form = playsVideo() ? "video" : "preview";
  private said: TileState | null = null;
  private refusal = "";
  /** Why pictures come in place of video; also of the last picture, once nothing comes. */
  private reason: TileState["why"] = null;
  private linked = true;
  private shownAt: number | null = null;
  private interval = 0;
  private pictureAge: number | null = null;
  /** When the picture broke off and what was said of it; once it is back, until when that is told. */
  private broke: { at: number; why: string } | null = null;
  private mended: { until: number; text: string } | null = null;
  private taken = 0;
  private slowUntil = 0;
  private picture = "";
  private drawn = "";
  private stopTile: (() => void) | null = null;
  private stopWatching: (() => void) | null = null;
  private timer: ReturnType<typeof setInterval> | undefined;
  private later: ReturnType<typeof setTimeout> | undefined;

  get camera(): string {
    return this.wanted;
  }

  set camera(id: string) {
    if (id === this.wanted) return;
    this.wanted = id;
    this.anew();
  }

  get stream(): Stream {
    return this.best;
  }

  /** The main stream where one sees it large; what cannot be shown of it comes from the sub-stream. */
  set stream(which: Stream) {
    if (which === this.best) return;
    this.best = which;
    this.anew();
  }

  get compact(): boolean {
    return this.small;
  }

  /** One among many: what it says is short, and always there. */
  set compact(small: boolean) {
    this.small = small;
    this.draw(true);
  }

  /** The camera's name, for those who do not see the picture. */
  get label(): string {
    return this.named;
  }

  set label(name: string) {
    this.named = name;
    this.draw(true);
  }

  connectedCallback(): void {
    if (this.timer !== undefined) return; // it was only moved
    this.replaceChildren(this.video, this.image, this.veil, this.foot);
    this.classList.add("live");
    this.setAttribute("role", "group");
    this.image.alt = "";
    this.told.setAttribute("role", "status");
    this.veil.replaceChildren(this.told, this.old);
    document.addEventListener("visibilitychange", this.onVisible);
    this.timer = setInterval(() => this.look(), LOOK_MS);
    this.stopWatching = effect(() => {
      void [purpose.value, language.value]; // what is said changes with them
      this.draw(true);
    });
    this.start();
  }

  disconnectedCallback(): void {
    queueMicrotask(() => !this.isConnected && this.leave());
  }

  private leave(): void {
    document.removeEventListener("visibilitychange", this.onVisible);
    clearInterval(this.timer);
    this.timer = undefined;
    clearTimeout(this.later);
    this.stopWatching?.();
    this.stop();
  }

  private readonly onState = (said: TileState): void => {
    this.linked = true;
    this.said = said;
    if (said.form !== null) this.reason = said.why;
    this.refusal = said.state === "ended" ? (said.reason ?? "") : "";
    heard(this.refusal);
    // What was seen last stays while nothing comes, and is shown to be old.
    if (said.form === "preview" || said.state === "ended") this.player.end();
    if (said.state === "ended") this.forgetPicture();
    const unplayable = said.form !== "preview" && said.codec !== null && !playsCodec(said.codec);
    const never = this.shownAt === null && said.state !== "live" && said.state !== "ended" && said.reason !== null;
    if (this.asksMain() && (unplayable || said.why === "codec" || never)) {
      this.mainFailed = true;
      this.restart(0);
    } else if (unplayable) {
      this.form = "preview";
      this.restart(0);
    } else this.draw();
  };

  private asksMain(): boolean {
    return this.best === "main" && !this.mainFailed;
  }

  private anew(): void {
    this.form = playsVideo() ? "video" : "preview";
    this.mainFailed = false;
    this.broke = this.mended = null;
    if (this.timer !== undefined) this.restart(0);
  }

  private readonly onInit = (data: Uint8Array<ArrayBuffer>): void => {
    const codec = this.said?.codec;
    if (!codec) return;
    this.forgetPicture();
    this.player.begin(codec, data);
  };

  private readonly onClock = (taken: number, at: number): void => {
    this.taken = taken;
    this.player.clock(taken, at);
  };

  private readonly onLost = (): void => {
    this.slowUntil = performance.now() + SLOW_MS;
  };

  private readonly onRefused = (code: string): void => {
    this.refusal = code;
    this.said = null;
    this.draw();
  };

  private readonly onDown = (): void => {
    this.linked = false;
    this.draw();
  };

  /** A JPEG: shown as it is, and said to be a preview. */
  private readonly onPicture = (data: Uint8Array<ArrayBuffer>): void => {
    const before = this.picture;
    const taken = this.taken;
    this.picture = URL.createObjectURL(new Blob([data], { type: "image/jpeg" }));
    this.image.onload = () => {
      this.see();
      this.pictureAge = Date.now() - taken;
      this.draw();
    };
    this.image.src = this.picture;
    if (before !== "") URL.revokeObjectURL(before);
  };

  private start(): void {
    if (this.wanted === "" || this.stopTile !== null || document.hidden) return;
    this.said = null;
    this.refusal = "";
    this.linked = true;
    this.shownAt = null;
    const stream = this.asksMain() ? "main" : "sub";
    this.stopTile = openTile({ camera: this.wanted, stream, form: this.form }, {
      state: this.onState,
      init: this.onInit,
      frame: (data) => this.player.add(data),
      picture: this.onPicture,
      clock: this.onClock,
      lost: this.onLost,
      refused: this.onRefused,
      down: this.onDown,
    });
    this.draw();
  }

  private stop(): void {
    this.stopTile?.();
    this.stopTile = null;
    this.player.end();
    this.forgetPicture();
    this.said = null;
  }

  private restart(pause = RESTART_MS): void {
    this.stop();
    clearTimeout(this.later);
    if (pause === 0) this.start();
    else this.later = setTimeout(() => this.start(), pause);
    this.draw();
  }

  private readonly onVisible = (): void => {
    clearTimeout(this.later);
    if (document.hidden) this.later = setTimeout(() => this.stop(), HIDDEN_MS);
    else this.start();
  };

  private look(): void {
    if (document.hidden) return;
    if (this.player.moved()) this.see();
    this.draw();
  }

  private see(): void {
    const now = performance.now();
    if (this.shownAt !== null) this.interval = now - this.shownAt;
    this.shownAt = now;
  }

  private patience(): number {
    if (this.said?.form === "video" && this.reason !== "masked") return STALE_MS;
    return Math.min(SELDOM_MOST_MS, Math.max(STALE_MS, this.interval * SELDOM_LATE));
  }

  private doing(): Doing {
    if (this.refusal !== "" || this.wanted === "" || purpose.value === null) return "off";
    if (!this.linked) return "stale";
    if (this.said !== null && this.said.state !== "live") return this.shownAt === null ? "off" : "stale";
    if (this.shownAt === null) return "waiting";
    return performance.now() - this.shownAt > this.patience() ? "stale" : "playing";
  }

  /** Draws what is said over the picture; only where it changed. */
  private draw(anew = false): void {
    const doing = this.doing();
    const [title, hint] = this.words(doing);
    this.remember(doing, title);
    const age = doing === "stale" && this.shownAt !== null ? this.age(this.shownAt) : "";
    const tags = this.tags(doing);
    const now = JSON.stringify([doing, title, hint, age, tags, this.named]);
    if (now === this.drawn && !anew) return;
    this.drawn = now;
    this.dataset.doing = doing;
    this.dataset.form = this.shows();
    this.setAttribute("aria-label", t("live.of", { name: this.named }));
    this.veil.hidden = doing === "playing";
    this.told.replaceChildren(...(doing === "playing" ? [] : [line("strong", title), line("span", hint)]));
    this.old.textContent = age;
    this.foot.replaceChildren(...tags.map(([name, text, long]) => line("span", text, `live-tag live-${name}`, long)));
  }

  private shows(): "video" | "keyframes" | "preview" {
    if (this.picture !== "") return "preview";
    return this.said?.form === "keyframes" ? "keyframes" : "video";
  }

  /** Name, words, and the whole sentence where the words are short. */
  private tags(doing: Doing): [name: string, text: string, long: string][] {
    const form = this.shows();
    const masked = this.reason === "masked";
    const plain = form === "video" && !masked;
    const tags: [string, string, string][] = [];
    if (this.picture !== "" || doing === "playing") {
      const why = this.reason ?? "asked";
      const whole = plain ? "" : form === "preview" ? t(`live.preview.${why}`) : t(masked ? "live.masked" : "live.keyframes");
      const short = plain || why === "asked" ? t(`live.form.${form}`) : `${t(`live.form.${form}`)} · ${t(`live.why.${why}`)}`;
      if (this.small || !plain) tags.push([form, this.small ? short : whole, whole]);
    }
    if (doing !== "playing") return tags;
    const now = performance.now();
    if (now < this.slowUntil && form !== "keyframes") tags.push(["slow", t("live.slow"), ""]);
    if (this.mended && now < this.mended.until) tags.push(["mended", this.mended.text, ""]);
    const latency = this.latency(form === "preview");
    if (latency !== "") tags.push(["latency", latency, ""]);
    return tags;
  }

  /** Whoever looked away is told that it broke, why, and for how long. */
  private remember(doing: Doing, title: string): void {
    if (doing === "stale" && this.shownAt !== null) {
      // The hub's reason stays the reason, also while it connects again and the first frame is on its way.
      const coming = this.linked && !this.said?.reason;
      const why = this.broke !== null && coming ? this.broke.why : title;
      this.broke = { at: this.broke?.at ?? this.shownAt, why };
    }
    if (doing !== "playing" || this.broke === null) return;
    const n = Math.round((performance.now() - this.broke.at) / 1000);
    this.mended = { until: performance.now() + MENDED_MS, text: t("live.mended", { n, why: this.broke.why }) };
    this.broke = null;
  }

  private age(since: number): string {
    return t("live.stale", { n: Math.round((performance.now() - since) / 1000) });
  }

  private words(doing: Doing): [string, string] {
    if (doing === "playing") return ["", ""];
    if (this.wanted === "") return [t("live.none"), ""];
    if (purpose.value === null) return [t("live.noPurpose"), t("live.noPurpose.do")];
    if (this.refusal !== "") return [t("live.refused"), problemText(new Problem(403, this.refusal, this.refusal))];
    if (!this.linked) return [t("live.down"), t("live.down.do")];
    if (this.said !== null && this.said.state !== "live" && this.said.state !== "ended") {
      const { state, reason } = this.said;
      return [reason ? word("reason", reason) : word("state", state), reason ? word("advice", reason) : t("live.wait")];
    }
    if (doing === "waiting") return [t("live.starting"), ""];
    return [t("live.frozen"), t("live.stale.do")];
  }

  private latency(preview: boolean): string {
    const ms = preview ? this.pictureAge : this.player.latency();
    return ms === null ? "" : t("live.latency", { s: (Math.max(0, ms) / 1000).toFixed(1) });
  }

  private forgetPicture(): void {
    if (this.picture === "") return;
    URL.revokeObjectURL(this.picture);
    this.picture = "";
    this.image.onload = null;
    this.image.removeAttribute("src");
    this.shownAt = null;
  }
}

function part(name: string): HTMLElement {
  const made = document.createElement("div");
  made.className = name;
  return made;
}

function line(tag: "strong" | "span", text: string, name = "", long = ""): HTMLElement {
  const made = document.createElement(tag);
  made.textContent = text;
  if (name !== "") made.className = name;
  if (long !== "" && long !== text) made.title = long;
  return made;
}

if (!customElements.get("live-tile")) customElements.define("live-tile", LiveTile);

export type { LiveTile };
