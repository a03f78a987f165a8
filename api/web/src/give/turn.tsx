import { useEffect, useState } from "preact/hooks";
import { Bar } from "./bar";
import { begin, type Came, clockPhoto, giveUp, Refused, type Sending, view } from "./hub";
import type { Waiting } from "./newfile";
import { say, size } from "./say";

interface Props {
  now: Sending;
  waiting: readonly Waiting[];
  /** One is over: it came, or it is left out. */
  over: (now: Sending) => void;
  fail: (err: unknown) => void;
}

/** Files one after another: the first is begun and sent, the others wait. */
export function Turn({ now, waiting, over, fail }: Props) {
  const [first, ...rest] = waiting;
  const [begun, setBegun] = useState<Came | null>(null);
  const [wrong, setWrong] = useState(false);
  const [round, setRound] = useState(0);

  async function start({ file, words, photo }: Waiting): Promise<void> {
    setWrong(false);
    try {
      const came = await begin(file, words);
      if (photo !== null) await clockPhoto(came.id, photo);
      setBegun(came);
    } catch (err) {
      setWrong(true);
      fail(err);
    }
  }
  useEffect(() => {
    setBegun(null);
    if (first) void start(first);
  }, [first, round]);

  /** The same file came before: the second copy is not wanted, and no error. */
  function failed(err: unknown): void {
    if (!(err instanceof Refused && err.code === "upload_twice" && begun)) return fail(err);
    giveUp(begun.id).then((told) => {
      over(told);
      fail(err);
    }, fail);
  }

  /** What came of it stays half sent, to be gone on with afterwards. */
  const leave = (): void => void view().then(over, fail);

  if (!first) return null;
  return (
    <>
      {begun ? (
        <Bar key={begun.id} file={first.file} from={begun} bytes={now.piece_bytes} done={over} fail={failed} leave={leave} />
      ) : (
        <section>
          <h3>
            <bdi>{first.file.name}</bdi>
          </h3>
          {wrong ? (
            <>
              <button type="button" onClick={() => setRound(round + 1)}>
                {say("again")}
              </button>{" "}
              <button type="button" onClick={leave}>
                {say("leaveOut")}
              </button>
            </>
          ) : (
            <p role="status" class="dim">
              {say("sending")}
            </p>
          )}
        </section>
      )}
      {rest.length > 0 && (
        <section>
          <p class="dim">{say("next", { n: rest.length })}</p>
          <ul class="waiting">
            {rest.map((one, at) => (
              <li key={at}>
                <bdi>{one.file.name}</bdi> <span class="dim">{size(one.file.size)}</span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}
