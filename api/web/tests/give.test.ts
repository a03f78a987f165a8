import { createHash } from "node:crypto";
import { afterEach, describe, expect, it, vi } from "vitest";
import { pace, send } from "../src/give/sending";
import { Sha256 } from "../src/give/sha256";

const digest = (data: Uint8Array): string => createHash("sha256").update(data).digest("hex");
const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, (_, at) => (at * 7919 + (at >> 5)) & 255);

describe("SHA-256 piece by piece", () => {
  it.each([0, 1, 55, 56, 63, 64, 65, 119, 120, 128, 1000, 70_000])("is that of %d bytes, however they come", (length) => {
    const data = bytes(length);
    for (const step of [1, 63, 64, 65, 1 << 20]) {
      if (step === 1 && length > 1000) continue;
      const hash = new Sha256();
      for (let at = 0; at < length; at += step) hash.add(data.subarray(at, at + step));
      expect(hash.hex()).toBe(digest(data));
    }
  });
});

/** A hub that has a file, and a line that breaks: before a piece comes, or before its answer does. */
function hub(data: Uint8Array, breaks: ("lost" | "unanswered")[]): { had: () => Uint8Array; finished: () => string | null } {
  let had = new Uint8Array(0);
  let finished: string | null = null;
  const answer = (body: object, status = 200): Response => new Response(JSON.stringify(body), { status });
  vi.stubGlobal("fetch", async (url: string, init: { method: string; body?: Blob | string }) => {
    const fault = init.method === "PATCH" ? breaks.shift() : undefined;
    if (fault === "lost") throw new TypeError("network");
    if (init.method === "PATCH") {
      const offset = Number(new URL(url, "http://hub").searchParams.get("offset"));
      if (offset !== had.length) return answer({ code: "upload_offset", params: { offset: had.length } }, 409);
      had = new Uint8Array([...had, ...new Uint8Array(await (init.body as Blob).arrayBuffer())]);
      if (fault === "unanswered") throw new TypeError("network");
      return answer({ offset: had.length });
    }
    if (had.length !== data.length) return answer({ code: "upload_incomplete", params: { offset: had.length } }, 409);
    finished = (JSON.parse(init.body as string) as { sha256: string }).sha256;
    return answer({ giving: { request: { state: "open" }, uploads: [] }, offsets: {} });
  });
  return { had: () => had, finished: () => finished };
}

describe("sending a file", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    pace.second = 1000;
  });

  it("arrives byte for byte through breaks on both sides of a piece", async () => {
    pace.second = 1;
    const data = bytes(10_000);
    const there = hub(data, ["lost", "unanswered", "lost", "unanswered"]);
    const told: (string | null)[] = [];
    const done = await send(new File([data as unknown as BlobPart], "a.mp4"), { id: "a", offset: 0 }, 1500, (now) => told.push(now.waiting), () => false);
    expect(done?.giving.request.state).toBe("open");
    expect(there.had()).toEqual(data);
    expect(there.finished()).toBe(digest(data));
    expect(told.filter((one) => one === "offline").length).toBeGreaterThan(2);
  });

  it("goes on where the hub has it, and reads what was sent for its digest", async () => {
    const data = bytes(5000);
    const there = hub(data, []);
    const file = new File([data as unknown as BlobPart], "a.mp4");
    let pieces = 0;
    expect(await send(file, { id: "a", offset: 0 }, 1000, (now) => (pieces = now.offset), () => pieces >= 2000)).toBeNull();
    const had = there.had().length;
    expect(had).toBeGreaterThanOrEqual(2000);
    expect(had).toBeLessThan(5000);
    await send(file, { id: "a", offset: had }, 1000, () => undefined, () => false);
    expect(there.finished()).toBe(digest(data));
  });
});
