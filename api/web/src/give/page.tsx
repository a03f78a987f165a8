import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { type GivenUpload, Refused, type Sending, view } from "./hub";
import { NewFile, type Waiting } from "./newfile";
import { Resume } from "./resume";
import { Turn } from "./turn";
import { at, known, say, size, toggle } from "./say";

/** What is asked for, the files and what is said of them, how far they are, and what became of them. */
export function Give() {
  const [now, setNow] = useState<Sending | null>(null);
  const [wrong, setWrong] = useState("");
  const [waiting, setWaiting] = useState<Waiting[]>([]);
  const [giver, setGiver] = useState({ giver: "", contact: "" });
  const [, setEnglish] = useState(false);

  async function load(): Promise<void> {
    setWrong("");
    try {
      setNow(await view());
    } catch (err) {
      fail(err);
    }
  }
  const fail = (err: unknown): void => setWrong(err instanceof Refused ? err.code : "offline");
  useEffect(() => {
    void load();
    // Another link is another page: nothing of this one may be seen or sent under it.
    addEventListener("hashchange", () => location.reload());
  }, []);

  const request = now?.giving.request;
  const uploads = now?.giving.uploads ?? [];
  const came = uploads.filter((one) => one.state !== "receiving");
  const half = waiting.length > 0 ? [] : uploads.filter((one) => one.state === "receiving");
  const open = request?.state === "open";
  const done = (told: Sending): void => {
    setWrong("");
    setNow(told);
  };
  return (
    <main>
      <header>
        <h1>{say("title")}</h1>
        <button type="button" class="quiet" onClick={() => setEnglish(toggle())}>
          {say("other")}
        </button>
      </header>
      {now === null && wrong === "" && <p>{say("loading")}</p>}
      {now !== null && request !== undefined && (
        <>
          <Asked now={now} />
          {came.length > 0 && <Receipts those={came} most={now.giving.most_files} />}
          {!open && (
            <section>
              <p class={came.length > 0 ? "dim" : "wrong"}>{say(request.state === "used" ? "full" : came.length > 0 ? "over" : "expired")}</p>
            </section>
          )}
        </>
      )}
      {wrong !== "" && (
        <p class="wrong" role="alert">
          {known(`problem.${wrong}`) ? say(`problem.${wrong}`) : `${say("failed")}${wrong}`}{" "}
          {now === null && (
            <button type="button" onClick={() => void load()}>
              {say("again")}
            </button>
          )}
        </p>
      )}
      {now !== null && (
        <Turn
          now={now}
          waiting={waiting}
          over={(told) => {
            done(told);
            setWaiting((was) => was.slice(1));
          }}
          fail={fail}
        />
      )}
      {now !== null && open && half.map((one) => <Resume key={one.id} now={now} upload={one} done={done} fail={fail} />)}
      {now !== null && open && waiting.length === 0 && uploads.length < now.giving.most_files && (
        <More more={uploads.length > 0}>
          <NewFile
            key={uploads.length}
            now={now}
            giver={giver}
            send={(those) => {
              setWrong("");
              setGiver({ giver: those[0]!.words.giver, contact: those[0]!.words.contact });
              setWaiting(those);
            }}
            fail={fail}
          />
        </More>
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

function Asked({ now }: { now: Sending }) {
  const one = now.giving.request;
  const rows: [string, ComponentChildren][] = [
    ["when", <b>{`${at(one.from)} – ${at(one.to)}`}</b>],
    ["who", <bdi>{one.name}</bdi>],
    ["why", say("whyCase", { number: one.case_number })],
  ];
  if (one.camera_name !== null && one.camera_name !== one.name) rows.splice(1, 0, ["camera", <bdi>{one.camera_name}</bdi>]);
  if (one.unit !== "") rows.push(["unit", <bdi>{one.unit}</bdi>]);
  if (one.document_number !== "") rows.push(["notice", one.document_number]);
  if (one.state === "open") rows.push(["until", at(one.expires_at)]);
  if (now.contact !== "") rows.push(["contact", now.contact]);
  return (
    <section>
      <h3>{say("asked")}</h3>
      <Facts rows={rows} />
      <p class="dim">
        {say("onlyThat")} {one.document_number === "" && say("yours")}
      </p>
    </section>
  );
}

/** The form is at hand first; once something came, for who has more to send. */
function More({ more, children }: { more: boolean; children: ComponentChildren }) {
  if (!more) return <section>{children}</section>;
  return (
    <details class="more">
      <summary>{say("more")}</summary>
      {children}
    </details>
  );
}

function Receipts({ those, most }: { those: readonly GivenUpload[]; most: number }) {
  return (
    <section class="receipt">
      <h3>
        {say("receipt")} <span class="dim">{say("cameSoFar", { n: those.length, most })}</span>
      </h3>
      {those.map((one) => (
        <Receipt key={one.id} one={one} />
      ))}
      <p class="dim">{say("thanks")}</p>
    </section>
  );
}

function Receipt({ one }: { one: GivenUpload }) {
  const gone = one.purged_at !== null;
  const state = one.state === "declined" ? (gone ? "declined" : "declining") : one.state === "accepted" && gone ? "gone" : one.state;
  const rows: [string, ComponentChildren][] = [
    ["r_state", <b class={`state-${one.state}`}>{say(`state.${state}`) + (one.refusal ? `：${say(`refusal.${one.refusal}`)}` : "")}</b>],
    ["r_name", <bdi>{one.name}</bdi>],
    ["r_device", <bdi>{one.device}</bdi>],
    ["r_size", size(one.bytes)],
  ];
  if (one.received_at !== null) rows.push(["r_at", at(one.received_at)]);
  if (one.purged_at !== null) rows.push(["r_purged", at(one.purged_at)]);
  if (one.sha256 !== null) rows.push(["r_sha", <code>{one.sha256}</code>]);
  return <Facts rows={rows} />;
}
