import { afterEach, expect, it, vi } from "vitest";
import { look, phase, purpose, session, stillLooking } from "../src/store/session";
import { aSession, held, serve } from "./hub";

afterEach(() => vi.unstubAllGlobals());

it("a purpose chosen while the hub was asked for the one before stays", async () => {
  session.value = aSession();
  phase.value = "in";
  const answer = held();
  serve((one) => (one.method === "GET" ? answer.answer : { body: null }));
  const asked = stillLooking();
  await look({ ...aSession().purpose!, id: "p2" });
  answer.give({ body: aSession({ purpose: null }) });
  expect(await asked).toBe(true);
  expect(purpose.value?.id).toBe("p2");
});

it("a purpose that the hub closed is over", async () => {
  session.value = aSession();
  phase.value = "in";
  serve(() => ({ body: aSession({ purpose: null }) }));
  expect(await stillLooking()).toBe(false);
  expect(purpose.value).toBeNull();
});
