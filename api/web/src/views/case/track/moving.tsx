import { useEffect, useState } from "preact/hooks";
import type { Passer } from "../../../api/pursuit";
import { readFrames, WHOLE } from "../../../api/stills";
import { t } from "../../../i18n";

const WIDTH = 480;
/** A keyframe comes every few seconds: motion that is shorter is looked at with what follows it. */
const LEAST_MS = 10_000;
const MOST_MS = 60_000;

/** Of motion without an event: a keyframe of the recording, where there is one and it may be seen. A look of its own. */
export function Moving({ camera, one }: { camera: string; one: Passer }) {
  const [url, setUrl] = useState<string | null>(null);
  const [over, setOver] = useState(false);
  useEffect(() => {
    const stop = new AbortController();
    const from = Date.parse(one.at);
    const to = from + Math.min(MOST_MS, Math.max(LEAST_MS, one.stay_s * 1000));
    let made: string | null = null;
    readFrames({ camera, from, to, count: 1, part: WHOLE, width: WIDTH, stream: "sub" }, stop.signal).then(
      ([cell]) => {
        if (stop.signal.aborted) return;
        if (cell?.picture) setUrl((made = URL.createObjectURL(cell.picture)));
        setOver(true);
      },
      () => {
        if (!stop.signal.aborted) setOver(true);
      },
    );
    return () => {
      stop.abort();
      if (made) URL.revokeObjectURL(made);
    };
  }, [camera, one.thing]);
  return (
    <span class="track-picture track-picture-large">
      {url ? <img src={url} alt="" decoding="async" /> : <span class="muted small">{t(over ? "picture.none" : "track.picture.coming")}</span>}
    </span>
  );
}
