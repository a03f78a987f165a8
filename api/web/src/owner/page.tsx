import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { keep, type OwnerView, type Receipt, receipt as readReceipt, Refused, step, view, withdraw } from "./hub";
import { en, type Words, zh } from "./words";

let words: Words = zh;
const has = (key: string): key is keyof Words => key in words;
const say = (key: string, fill: Record<string, string | number> = {}): string =>
  (has(key) ? words[key] : key).replace(/\{(\w+)\}/g, (_, name: string) => String(fill[name] ?? ""));

/** The villages' time, wherever the telephone is. */
const at = (iso: string): string =>
  new Intl.DateTimeFormat("sv-SE", { timeZone: "Asia/Shanghai", dateStyle: "short", timeStyle: "short" }).format(new Date(iso));
const day = (iso: string): string => at(iso).slice(0, 10);
const clock = (minute: number): string =>
  `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
const codeOf = (err: unknown): string => (err instanceof Refused ? err.code : "offline");

/** What the owner agreed to, who used it, and pausing, going on, withdrawing. */
export function Owner() {
  const [seen, setSeen] = useState<OwnerView | null>(null);
  const [given, setGiven] = useState<Receipt | null>(null);
  const [wrong, setWrong] = useState("");
  const [leaving, setLeaving] = useState(false);
  const [busy, setBusy] = useState(false);
  const [, setEnglish] = useState(false);

  async function load(): Promise<void> {
    setWrong("");
    try {
      const found = await view();
      if (found.consent.state === "withdrawn") setGiven(await readReceipt().catch(() => null));
      setSeen(found);
    } catch (err) {
      setWrong(codeOf(err));
    }
  }
  useEffect(() => {
    void load();
    // Another link is another page: nothing of this one may be seen or sent under it.
    addEventListener("hashchange", () => location.reload());
  }, []);

  async function run(work: () => Promise<void>): Promise<void> {
    setBusy(true);
    setWrong("");
    try {
      await work();
    } catch (err) {
      setWrong(codeOf(err));
    }
    setBusy(false);
  }
  const toggle = (): void => {
    words = words === zh ? en : zh;
    document.documentElement.lang = words === zh ? "zh-CN" : "en";
    document.title = words.title;
    setEnglish(words === en);
  };
  return (
    <main>
      <header>
        <h1>{say("title")}</h1>
        <button type="button" class="quiet" onClick={toggle}>
          {say("other")}
        </button>
      </header>
      {wrong !== "" && (
        <p class="wrong" role="alert">
          {has(`problem.${wrong}`) ? say(`problem.${wrong}`) : `${say("failed")}${wrong}`}{" "}
          {seen === null && (
            <button type="button" onClick={() => void load()}>
              {say("again")}
            </button>
          )}
        </p>
      )}
      {seen === null && wrong === "" && <p>{say("loading")}</p>}
      {seen !== null && (
        <>
          <section>
            <p class={`state state-${seen.consent.state}`}>{say(`state.${seen.consent.state}`)}</p>
            <h2>
              <bdi>{seen.camera_name}</bdi>
            </h2>
            <p class="dim">
              <bdi>{seen.village_name}</bdi> · <bdi>{seen.consent.owner_name}</bdi>
            </p>
          </section>
          {given !== null && <Given receipt={given} run={run} />}
          {(seen.may.includes("pause") || seen.may.includes("resume")) && (
            <section>
              <button type="button" class="main" disabled={busy} onClick={() => void run(async () => setSeen(await step(seen.may.includes("pause") ? "pause" : "resume")))}>
                {say(seen.may.includes("pause") ? "pause" : "resume")}
              </button>
              <p class="dim">{say("pauseMeans")}</p>
            </section>
          )}
          <Agreed seen={seen} />
          {seen.consent.state !== "withdrawn" && (
            <section>
              <button type="button" onClick={() => void run(() => keep("/paper", "consent.html"))}>
                {say("copy")}
              </button>
            </section>
          )}
          {seen.asked.length > 0 && <AskedFor seen={seen} />}
          <UsedBy seen={seen} />
          {seen.may.includes("withdraw") && (
            <section>
              {!leaving && (
                <button type="button" class="danger" onClick={() => setLeaving(true)}>
                  {say("withdraw")}
                </button>
              )}
              {leaving && (
                <>
                  <p>{say("withdrawMeans")}</p>
                  <button
                    type="button"
                    class="danger"
                    disabled={busy}
                    onClick={() =>
                      void run(async () => {
                        setGiven(await withdraw());
                        setLeaving(false);
                        setSeen(await view());
                        scrollTo(0, 0);
                      })
                    }
                  >
                    {say("withdrawGo")}
                  </button>{" "}
                  <button type="button" onClick={() => setLeaving(false)}>
                    {say("cancel")}
                  </button>
                </>
              )}
            </section>
          )}
        </>
      )}
    </main>
  );
}

function Facts({ rows }: { rows: [string, ComponentChildren][] }) {
  return (
    <dl>
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{say(name)}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Agreed({ seen: { consent, unit } }: { seen: OwnerView }) {
  const hours = consent.from_minute === null || consent.to_minute === null ? say("allDay") : `${clock(consent.from_minute)}–${clock(consent.to_minute)}`;
  const rows: [string, ComponentChildren][] = [
    ["scopes", consent.scopes.map((one) => say(`scope.${one}`)).join("、")],
    ["purpose", consent.purpose || say("publicSafety")],
    ["hours", hours],
    ["masks", consent.masks.length === 0 ? say("none") : say("masksCount", { n: consent.masks.length })],
    ["since", day(consent.valid_from)],
  ];
  if (consent.valid_to !== null) rows.push(["until", day(consent.valid_to)]);
  if (consent.reconfirm_by !== null && consent.state !== "withdrawn") rows.push(["reconfirm", day(consent.reconfirm_by)]);
  if (unit !== "") rows.push(["unit", <bdi>{unit}</bdi>]);
  return (
    <section>
      <h3>{say("agreed")}</h3>
      <Facts rows={rows} />
    </section>
  );
}

const SENT = ["received", "accepted", "declined"] as const;

function AskedFor({ seen }: { seen: OwnerView }) {
  return (
    <section>
      <h3>{say("asked")}</h3>
      <ul>
        {seen.asked.map((one) => (
          <li key={`${one.asked_at} ${one.from}`}>
            <b>{`${at(one.from)} – ${at(one.to)}`}</b>
            <br />
            {SENT.filter((state) => one.uploads[state])
              .map((state) => say(`upload.${state}`, { n: one.uploads[state]! }))
              .concat(SENT.some((state) => one.uploads[state]) && one.state !== "open" ? [] : say(`asked.${one.state}`))
              .join(" · ")}
            <br />
            <span class="dim">
              <bdi>{one.unit || "—"}</bdi> · {say("askedFor", { number: one.case_number, day: day(one.asked_at) })}
            </span>
          </li>
        ))}
      </ul>
      <p class="dim">{say("askedMeans")}</p>
    </section>
  );
}

function UsedBy({ seen }: { seen: OwnerView }) {
  return (
    <section>
      <h3>{say("used")}</h3>
      {seen.used.length === 0 && <p>{say("unused")}</p>}
      <ul>
        {seen.used.map((one) => (
          <li key={`${one.day} ${one.use} ${one.unit} ${one.purpose}`}>
            <b>{one.day}</b> {say(`use.${one.use}`)}
            {one.times > 1 && ` · ${say("times", { n: one.times })}`}
            <br />
            <span class="dim">
              <bdi>{one.unit || "—"}</bdi>
              {one.purpose !== null && ` · ${say(`purpose.${one.purpose}`)}`}
            </span>
          </li>
        ))}
      </ul>
      <p class="dim">{say("later", { n: seen.told_after_days })}</p>
    </section>
  );
}

function Given({ receipt, run }: { receipt: Receipt; run: (work: () => Promise<void>) => Promise<void> }) {
  const kept = (those: Receipt["purged"]): string => say("kept", { ...those });
  const rows: [string, ComponentChildren][] = [
    ["number", receipt.number],
    ["at", at(receipt.at)],
    ["stopped", say(receipt.stopped ? "stoppedYes" : "stoppedNo")],
    ["credentials", say(receipt.credentials ? "credentialsYes" : "credentialsNo")],
    ["purged", kept(receipt.purged)],
  ];
  if (receipt.left !== null) rows.push(["left", kept(receipt.left)]);
  return (
    <section class="receipt">
      <h3>{say("receipt")}</h3>
      <Facts rows={rows} />
      {receipt.held_until !== null && <p>{say("held", { at: day(receipt.held_until) })}</p>}
      <button type="button" onClick={() => void run(() => keep("/receipt/paper", `${receipt.number}.html`))}>
        {say("receiptCopy")}
      </button>
    </section>
  );
}
