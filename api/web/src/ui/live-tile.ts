/**
 * `<live-tile>`: one camera, live. A plain element, so that no drawing of the page around it restarts it: it begins when
 * `camera` changes and ends when it leaves the page. It never shows a still picture as if it were alive.
 */

import { effect } from "@preact/signals";
import type { Form, TileState } from "../api/live";
import { Problem } from "../api/client";
import { problemText, t, word } from "../i18n";
import { openTile } from "../store/live";
import { purpose } from "../store/session";
import { language } from "../store/settings";
import { LiveVideo, playsCodec, playsVideo } from "./live-video";
import "../styles/live.css";

declare module "preact" {
  namespace JSX {
    interface IntrinsicElements {
      "live-tile": HTMLAttributes<LiveTile> & { camera: string; label: string };
    }
  }
}

const LOOK_MS = 250;
/** Without a new picture for this long, what is seen is said to be old. */
const STALE_MS = 3_000;
/** A tab nobody sees lets go of its cameras: live viewing is on record. */
const HIDDEN_MS = 60_000;
const RESTART_MS = 1_000;
const SLOW_MS = 5_000;

type Doing = "waiting" | "playing" | "stale" | "off";

class LiveTile extends HTMLElement {
  private readonly video = document.createElement("video");
  private readonly image = document.createElement("img");
  private readonly veil = part("live-veil");
  private readonly foot = part("live-foot");
  private readonly player = new LiveVideo(this.video, () => this.restart());
  private wanted = "";
  private named = "";
  private form: Form = playsVideo() ? "video" : "preview";
  private said: TileState | null = null;
  private refusal = "";
  /** Why pictures come in place of video; also of the last picture, once nothing comes. */
  private reason: TileState["why"] = null;
  private linked = true;
  private shownAt: number | null = null;
  private pictureAge: number | null = null;
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
    this.form = playsVideo() ? "video" : "preview";
    if (this.isConnected) this.restart(0);
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
    this.replaceChildren(this.video, this.image, this.veil, this.foot);
    this.classList.add("live");
    this.setAttribute("role", "group");
    this.image.alt = "";
    document.addEventListener("visibilitychange", this.onVisible);
    this.timer = setInterval(() => this.look(), LOOK_MS);
    this.stopWatching = effect(() => {
      void [purpose.value, language.value]; // what is said changes with them
      this.draw(true);
    });
    this.start();
  }

  disconnectedCallback(): void {
    document.removeEventListener("visibilitychange", this.onVisible);
    clearInterval(this.timer);
    clearTimeout(this.later);
    this.stopWatching?.();
    this.stop();
  }

  private readonly onState = (said: TileState): void => {
    this.linked = true;
    this.said = said;
    this.reason = said.why ?? this.reason;
    this.refusal = said.state === "ended" ? (said.reason ?? "") : "";
    if (said.form !== "video") this.player.end();
    if (said.state === "ended") this.forgetPicture();
    if (said.form === "video" && said.codec !== null && !playsCodec(said.codec)) {
      this.form = "preview";
      this.restart(0);
      return;
    }
    this.draw();
  };

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
      this.shownAt = performance.now();
      this.pictureAge = Date.now() - taken;
      this.draw();
    };
    this.image.src = this.picture;
    if (before !== "") URL.revokeObjectURL(before);
  };

  private start(): void {
    if (this.wanted === "" || this.stopTile !== null) return;
    this.said = null;
    this.refusal = "";
    this.linked = true;
    this.shownAt = null;
    this.stopTile = openTile(this.wanted, this.form, {
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
    if (this.player.moved()) this.shownAt = performance.now();
    this.draw();
  }

  private doing(): Doing {
    if (this.refusal !== "" || this.wanted === "" || purpose.value === null) return "off";
    if (!this.linked) return "stale";
    if (this.said !== null && this.said.state !== "live") return this.shownAt === null ? "off" : "stale";
    if (this.shownAt === null) return "waiting";
    return performance.now() - this.shownAt > STALE_MS ? "stale" : "playing";
  }

  /** Draws what is said over the picture; only where it changed. */
  private draw(anew = false): void {
    const doing = this.doing();
    const [title, hint] = this.words(doing);
    const preview = this.picture !== "";
    const counting = doing === "stale" && this.linked && this.said?.state === "live";
    const [why, latency] = [preview ? this.why() : "", doing === "playing" ? this.latency(preview) : ""];
    const slow = doing === "playing" && performance.now() < this.slowUntil ? t("live.slow") : "";
    const now = JSON.stringify([doing, title, hint, why, latency, slow, this.named]);
    if (now === this.drawn && !anew) return;
    this.drawn = now;
    this.dataset.doing = doing;
    this.dataset.form = preview ? "preview" : "video";
    this.setAttribute("aria-label", t("live.of", { name: this.named }));
    this.veil.replaceChildren(...(doing === "playing" ? [] : [line("strong", title), line("span", hint)]));
    this.veil.hidden = doing === "playing";
    // What counts the seconds is not read out each second.
    if (counting) this.veil.removeAttribute("role");
    else this.veil.setAttribute("role", "status");
    const tags = { preview: why, slow, latency };
    this.foot.replaceChildren(
      ...Object.entries(tags).flatMap(([name, text]) => (text === "" ? [] : [line("span", text, `live-tag live-${name}`)])),
    );
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
    return [t("live.stale", { n: Math.round((performance.now() - (this.shownAt ?? 0)) / 1000) }), t("live.stale.do")];
  }

  private why(): string {
    return t(`live.preview.${this.reason ?? "asked"}`);
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

function line(tag: "strong" | "span", text: string, name = ""): HTMLElement {
  const made = document.createElement(tag);
  made.textContent = text;
  if (name !== "") made.className = name;
  return made;
}

if (!customElements.get("live-tile")) customElements.define("live-tile", LiveTile);

export type { LiveTile };
