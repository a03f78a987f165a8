import { useState } from "preact/hooks";
import { Bar } from "./bar";
import { clockPhoto, giveUp, type GivenUpload, type Sending } from "./hub";
import { say, size } from "./say";
import { shrunk } from "./sending";

/** A file that is half sent: the page was closed, so that it must be chosen again. */
export function Resume({ now, upload, done, fail }: { now: Sending; upload: GivenUpload; done: (now: Sending) => void; fail: (err: unknown) => void }) {
  const [file, setFile] = useState<File | null>(null);
  const [other, setOther] = useState(false);
  const offset = now.offsets[upload.id] ?? 0;

  async function photo(chosen: File | undefined): Promise<void> {
    if (chosen === undefined) return;
    try {
      done(await clockPhoto(upload.id, await shrunk(chosen)));
    } catch (err) {
      fail(err);
    }
  }

  if (file !== null) return <Bar file={file} from={{ id: upload.id, offset }} bytes={now.piece_bytes} done={done} fail={fail} />;
  return (
    <section>
      <h3>{say("half")}</h3>
      <progress max={upload.bytes} value={offset} aria-label={say("half")} />
      <p>
        {size(offset)} / {size(upload.bytes)}
      </p>
      <label class="row">
        <span>{say("halfMeans", { name: upload.name, size: size(upload.bytes) })}</span>
        <input
          type="file"
          onChange={(event) => {
            const chosen = event.currentTarget.files?.[0] ?? null;
            setOther(chosen !== null && chosen.size !== upload.bytes);
            setFile(chosen !== null && chosen.size === upload.bytes ? chosen : null);
          }}
        />
      </label>
      {other && (
        <p class="wrong" role="alert">
          {say("notSame")}
        </p>
      )}
      {upload.has_clock_photo ? (
        <p class="dim">{say("clockHas")}</p>
      ) : (
        <label class="row">
          <span>
            {say("clock")}
            <span class="dim"> · {say("optional")}</span>
          </span>
          <input type="file" accept="image/*" onChange={(event) => void photo(event.currentTarget.files?.[0])} />
          <span class="dim">{say("clockHint")}</span>
        </label>
      )}
      <button type="button" onClick={() => void giveUp(upload.id).then(done, fail)}>
        {say("drop")}
      </button>
    </section>
  );
}
