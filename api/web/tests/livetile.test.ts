import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Tile, TileState, Wanted } from "../src/api/live";
import { language } from "../src/store/settings";
import { session } from "../src/store/session";
import { aSession, settled } from "./hub";

const opened: (Wanted & { to: Tile; closed: boolean })[] = [];

vi.mock("../src/store/live", () => ({
  openTile: (wanted: Wanted, to: Tile) => {
    const one = { ...wanted, to, closed: false };
    opened.push(one);
    return () => {
      one.closed = true;
    };
  },
}));
vi.mock("../src/styles/live.css", () => ({}));

await import("../src/ui/live-tile");

const JPEG = new Uint8Array([0xff, 0xd8]);
const LIVE: TileState = { state: "live", reason: null, form: "preview", why: "masked", codec: "h264" };

function tile(camera = "cam-1"): HTMLElement & { camera: string; label: string } {
  const made = document.createElement("live-tile") as HTMLElement & { camera: string; label: string };
  made.camera = camera;
  made.label = "村东口";
  document.body.append(made);
  return made;
}

const last = () => opened.at(-1)!;

function picture(made: HTMLElement): void {
  last().to.clock(Date.now() - 300, 0);
  last().to.picture(JPEG);
  made.querySelector("img")!.dispatchEvent(new Event("load"));
}

beforeEach(() => {
  vi.useFakeTimers();
  opened.length = 0;
  session.value = aSession();
});

afterEach(() => {
  document.body.replaceChildren();
  language.value = "zh";
  vi.useRealTimers();
});

describe("a live tile", () => {
  it("asks for pictures where the browser plays no video, and says that they are a preview", () => {
    const made = tile();
    expect(last()).toMatchObject({ camera: "cam-1", form: "preview" });
    expect(made.dataset.doing).toBe("waiting");
    expect(made.textContent).toContain("正在取流");
    last().to.state(LIVE);
    picture(made);
    expect(made.dataset).toMatchObject({ doing: "playing", form: "preview" });
    expect(made.textContent).toBe("预览：有遮挡区，每秒约两帧延迟 0.3 秒");
    language.value = "en";
    expect(made.textContent).toContain("Preview: masked camera");
    expect(made.getAttribute("aria-label")).toBe("村东口, live");
  });

  it("never shows an old picture as if it were alive", () => {
    const made = tile();
    last().to.state(LIVE);
    picture(made);
    vi.advanceTimersByTime(1_900);
    expect(made.dataset.doing).toBe("playing");
    vi.advanceTimersByTime(2_200);
    expect(made.dataset.doing).toBe("stale");
    expect(made.textContent).toContain("画面已停 4 秒");
    picture(made);
    expect(made.dataset.doing).toBe("playing");
    expect(made.textContent).toContain("已恢复：画面不动，不是实时，中断 4 秒");
    // What was said once is not said for ever, while pictures go on.
    for (let at = 0; at < 11; at += 1) {
      vi.advanceTimersByTime(1_000);
      picture(made);
    }
    expect(made.textContent).not.toContain("已恢复");
  });

  it("says why nothing comes, and goes on when it does", () => {
    const made = tile();
    last().to.state({ state: "backing_off", reason: "unreachable", form: null, why: null, codec: null });
    expect(made.dataset.doing).toBe("off");
    expect(made.textContent).toContain("连不上设备");
    last().to.state(LIVE);
    picture(made);
    last().to.state({ state: "backing_off", reason: "worker_down", form: null, why: null, codec: null });
    expect(made.dataset.doing).toBe("stale");
    expect(made.textContent).toContain("分析进程停止");
    last().to.state({ state: "waiting_keyframe", reason: null, form: null, why: null, codec: null });
    expect(made.textContent).toContain("等待画面");
    last().to.state(LIVE);
    picture(made);
    expect(made.dataset.doing).toBe("playing");
    expect(made.textContent).toContain("已恢复：分析进程停止");
    last().to.down();
    expect(made.dataset.doing).toBe("stale");
    expect(made.textContent).toContain("与平台的连接中断");
  });

  it("takes the picture away where it may be shown no more", () => {
    const made = tile();
    last().to.state(LIVE);
    picture(made);
    last().to.state({ state: "ended", reason: "live_no_consent", form: null, why: null, codec: null });
    expect(made.dataset.doing).toBe("off");
    expect(made.querySelector("img")!.hasAttribute("src")).toBe(false);
    expect(made.textContent).toContain("户主没有同意");
    last().to.refused("camera_unknown");
    expect(made.textContent).toContain("不能查看此点位");
  });

  it("is not restarted by being drawn again or moved, but by another camera, and ends when it leaves", async () => {
    const made = tile();
    made.camera = "cam-1";
    made.label = "村西口";
    expect(opened).toHaveLength(1);
    made.camera = "cam-2";
    expect(opened).toHaveLength(2);
    expect(opened[0]!.closed).toBe(true);
    document.body.prepend(made);
    await settled();
    expect(opened).toHaveLength(2);
    expect(last().closed).toBe(false);
    made.remove();
    await settled();
    expect(last().closed).toBe(true);
  });

  it("shows nothing without a purpose", () => {
    const made = tile();
    last().to.state(LIVE);
    picture(made);
    session.value = { ...session.value!, purpose: null };
    expect(made.dataset.doing).toBe("off");
    expect(made.textContent).toContain("没有查看事由");
  });

  it("says that frames are skipped for a slow viewer", () => {
    const made = tile();
    last().to.state(LIVE);
    picture(made);
    last().to.lost();
    vi.advanceTimersByTime(300);
    expect(made.textContent).toContain("已跳帧");
  });
});
