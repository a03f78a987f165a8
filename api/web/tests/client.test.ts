import { afterEach, describe, expect, it, vi } from "vitest";
import * as api from "../src/api/client";
import { hubNow } from "../src/api/hubclock";
import { aSession, held, serve } from "./hub";

afterEach(() => vi.unstubAllGlobals());

async function failure(made: Promise<unknown>): Promise<api.Problem> {
  const caught: unknown = await made.then(
    () => null,
    (err: unknown) => err,
  );
  if (!(caught instanceof api.Problem)) throw new Error(`no Problem, but ${String(caught)}`);
  return caught;
}

describe("the client", () => {
  it("sends the session's token with every change", async () => {
    const asked = serve(() => ({ body: aSession({ csrf: "fresh" }) }));
    await api.signIn("li", "secret");
    await api.setPurpose("p1");
    expect(asked[0]!.body).toEqual({ name: "li", password: "secret" });
    expect(asked[1]!.headers.get("X-CSRF-Token")).toBe("fresh");
  });

  it("takes nobody signed in for an answer, not a failure", async () => {
    serve(() => ({ status: 401, body: { code: "not_signed_in" } }));
    expect(await api.currentSession()).toBeNull();
  });

  it("turns refusals into problems with their code, values and fields", async () => {
    serve(() => ({
      status: 429,
      body: { code: "too_many", title: "Too Many Requests", params: { retry_after_s: 30 } },
    }));
    const problem = await failure(api.signIn("li", "x"));
    expect([problem.status, problem.code, problem.params.retry_after_s]).toEqual([429, "too_many", 30]);
  });

  it("reads a proxy's page of HTML as its status", async () => {
    serve(() => ({ status: 502, text: "<html>Bad Gateway</html>" }));
    expect((await failure(api.listCameras())).code).toBe("http_502");
  });

  it("says when nothing answers", async () => {
    serve(() => "down");
    const problem = await failure(api.listCameras());
    expect([problem.status, problem.code]).toEqual([0, "offline"]);
  });

  it("does not end a session for an answer to the one before it", async () => {
    let refuse = (): void => {};
    const refused = new Promise<Response>((done) => {
      refuse = () => done(new Response(JSON.stringify({ code: "not_signed_in" }), { status: 401 }));
    });
    serve(() => ({ body: aSession({ csrf: "first" }) }));
    await api.signIn("li", "secret");
    vi.stubGlobal("fetch", () => refused);
    const late = failure(api.listCameras());
    serve(() => ({ body: aSession({ csrf: "second" }) }));
    await api.signIn("li", "secret");
    refuse();
    expect((await late).code).toBe("offline");
  });

  it("shows nobody what the one before him asked for", async () => {
    serve(() => ({ body: aSession({ csrf: "first" }) }));
    await api.signIn("li", "secret");
    const answer = held();
    serve(() => answer.answer);
    const late = failure(api.listCameras());
    serve(() => ({ body: aSession({ csrf: "second" }) }));
    await api.signIn("wang", "secret");
    answer.give({ body: { cameras: [] } });
    expect((await late).code).toBe("offline");
  });

  it("does not end a purpose for an answer to the one before it", async () => {
    serve(() => ({ body: null }));
    await api.setPurpose("p1");
    const answer = held();
    serve(() => answer.answer);
    const late = failure(api.listCameras());
    serve(() => ({ body: null }));
    await api.setPurpose("p2");
    answer.give({ status: 403, body: { code: "purpose_closed" } });
    expect((await late).code).toBe("offline");
    serve(() => ({ status: 403, body: { code: "purpose_closed" } }));
    expect((await failure(api.listCameras())).code).toBe("purpose_closed");
  });

  it("learns the hub's time from any answer, to a second", async () => {
    const late = Date.now() + 600_000;
    serve(() => ({ body: [], headers: { Date: new Date(late).toUTCString() } }));
    await api.listCameras().catch(() => {});
    expect(Math.abs(hubNow() - late)).toBeLessThan(1_500);
  });
});
