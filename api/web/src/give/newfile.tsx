import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { Refused, type Sending, type Words } from "./hub";
import { say, size } from "./say";
import { shrunk } from "./sending";

/** A file that waits its turn, with what its giver says of it and the photograph of its camera's clock. */
export interface Waiting {
  file: File;
  words: Words;
  photo: Blob | null;
}

interface Props {
  now: Sending;
  /** Who gave the last ones. */
  giver: Pick<Words, "giver" | "contact">;
  send: (those: Waiting[]) => void;
  fail: (err: unknown) => void;
}

/** Which files of one camera, and what their giver says of them. */
export function NewFile({ now, giver, send, fail }: Props) {
  const [files, setFiles] = useState<File[]>([]);
  const [photo, setPhoto] = useState<File | null>(null);
  const [words, setWords] = useState({ ...giver, device: "", note: "", unaltered: false });
  const [agreed, setAgreed] = useState(false);
  const [busy, setBusy] = useState(false);
  const set = (part: Partial<typeof words>): void => setWords({ ...words, ...part });
  const room = now.giving.most_files - now.giving.uploads.length;
  const many = files.length > room;
  const filled = files.length > 0 && files.every((one) => one.size > 0);
  const whole = filled && !many && words.giver.trim() !== "" && words.device.trim() !== "" && agreed;

  async function start(event: Event): Promise<void> {
    event.preventDefault();
    if (!whole) return;
    if (files.some((one) => one.size > now.most_bytes)) return fail(new Refused("upload_too_large"));
    setBusy(true);
    try {
      const small = photo === null ? null : await shrunk(photo);
      send(files.map((file) => ({ file, words, photo: small })));
    } catch (err) {
      fail(err);
      setBusy(false);
    }
  }

  return (
    <form onSubmit={(event) => void start(event)}>
      <h3>{say("fill")}</h3>
      <Row name="file" hint={say("fileHint", { size: size(now.most_bytes), n: room })}>
        <input
          type="file"
          required
          multiple
          accept="video/*,.mp4,.avi,.mkv,.ts,.dav,.mov,.flv,.asf"
          onChange={(event) => setFiles([...(event.currentTarget.files ?? [])])}
        />
      </Row>
      {many && (
        <p class="wrong" role="alert">
          {say("tooMany", { n: room })}
        </p>
      )}
      <Row name="giver">
        <input required maxLength={64} autocomplete="name" value={words.giver} onInput={(event) => set({ giver: event.currentTarget.value })} />
      </Row>
      <Row name="phone" optional>
        <input maxLength={64} type="tel" autocomplete="tel" value={words.contact} onInput={(event) => set({ contact: event.currentTarget.value })} />
      </Row>
      <Row name="device" hint={say("deviceHint")}>
        <input required maxLength={200} value={words.device} onInput={(event) => set({ device: event.currentTarget.value })} />
      </Row>
      <Row name="clock" hint={say("clockHint")} optional>
        <input type="file" accept="image/*" onChange={(event) => setPhoto(event.currentTarget.files?.[0] ?? null)} />
      </Row>
      <Row name="note" optional>
        <textarea rows={2} maxLength={500} value={words.note} onInput={(event) => set({ note: event.currentTarget.value })} />
      </Row>
      <label class="check">
        <input type="checkbox" checked={words.unaltered} onChange={() => set({ unaltered: !words.unaltered })} />
        <span>{say("unaltered")}</span>
      </label>
      <label class="check">
        <input type="checkbox" checked={agreed} onChange={() => setAgreed(!agreed)} />
        <span>{say("agreed")}</span>
      </label>
      <button type="submit" class="main" disabled={!whole || busy}>
        {say("send")}
      </button>
    </form>
  );
}

function Row({ name, hint, optional, children }: { name: string; hint?: string; optional?: boolean; children: ComponentChildren }) {
  return (
    <label class="row">
      <span>
        {say(name)}
        {optional && <span class="dim"> · {say("optional")}</span>}
      </span>
      {children}
      {hint !== undefined && <span class="dim">{hint}</span>}
    </label>
  );
}
