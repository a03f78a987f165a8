import { useEffect, useRef, useState } from "preact/hooks";
import type { Came, Sending } from "./hub";
import { lasts, say, size } from "./say";
import { type Progress, send } from "./sending";

interface Props {
  file: File;
  from: Came;
  bytes: number;
  done: (now: Sending) => void;
  fail: (err: unknown) => void;
  /** Others wait behind it: where it cannot be sent they go on without it. */
  leave?: () => void;
}

/** How far a file is; it goes on by itself after each break, and may be paused. */
export function Bar({ file, from, bytes, done, fail, leave }: Props) {
  const [at, setAt] = useState<Progress>({ offset: from.offset, waiting: null, checking: false });
  const [paused, setPaused] = useState(false);
  const [broken, setBroken] = useState(false);
  const offset = useRef(from.offset);
  const began = useRef({ at: Date.now(), offset: from.offset });

  useEffect(() => {
    if (paused || broken) return;
    let stop = false;
    began.current = { at: Date.now(), offset: offset.current };
    const leaving = (event: BeforeUnloadEvent): void => event.preventDefault();
    addEventListener("beforeunload", leaving);
    send(
      file,
      { ...from, offset: offset.current },
      bytes,
      (now) => {
        if (!now.checking) offset.current = now.offset;
        setAt(now);
      },
      () => stop,
    ).then(
      // Whoever paused it and went on is told once, by the sending that goes on.
      (now) => now !== null && !stop && done(now),
      (err: unknown) => {
        if (stop) return;
        setBroken(true);
        fail(err);
      },
    );
    return () => {
      stop = true;
      removeEventListener("beforeunload", leaving);
    };
  }, [paused, broken]);

  const sent = at.offset - began.current.offset;
  const speed = sent / Math.max(1, (Date.now() - began.current.at) / 1000);
  const state = paused || broken ? "paused" : at.waiting === "offline" ? "waiting" : at.waiting !== null ? "waitingHub" : at.checking ? "checking" : "sending";
  return (
    <section>
      <h3>
        <bdi>{file.name}</bdi>
      </h3>
      <progress max={file.size} value={at.offset} aria-label={say("sending")} />
      <p>
        {size(at.offset)} / {size(file.size)}
        {state === "sending" && sent > 0 && <span class="dim"> · {say("left", { time: lasts((file.size - at.offset) / speed) })}</span>}
      </p>
      <p role="status" class={at.waiting === null ? "dim" : "wrong"}>
        {say(state)}
      </p>
      <button
        type="button"
        onClick={() => {
          setBroken(false);
          setPaused(!(paused || broken));
        }}
      >
        {say(paused || broken ? "goOn" : "pause")}
      </button>{" "}
      {broken && leave && (
        <button type="button" onClick={leave}>
          {say("leaveOut")}
        </button>
      )}
    </section>
  );
}
