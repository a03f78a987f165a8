import { useEffect, useState } from "preact/hooks";
import type { PictureBeside } from "../../../../api/motion";
import type { Point } from "../../../../api/register";
import { type Part, readPicture, WHOLE } from "../../../../api/stills";
import { t } from "../../../../i18n";
import { stamp } from "../../../../i18n/time";
import { Crop } from "../strip/crop";

interface Props {
  before: PictureBeside;
  after: PictureBeside;
  outline: readonly Point[] | null;
}

/** The place in the last picture before a hit and in the first one after it. */
export function Beside({ before, after, outline }: Props) {
  const [part] = useState(() => partOf(outline));
  return (
    <span class="motion-beside">
      <One of={before} part={part} label={t("motion.before.at", { at: stamp(iso(before.at)) })} />
      <span aria-hidden="true">→</span>
      <One of={after} part={part} label={t("motion.after.at", { at: stamp(iso(after.at)) })} />
    </span>
  );
}

function One({ of, part, label }: { of: PictureBeside; part: Part; label: string }) {
  const [picture, setPicture] = useState<Blob | null>(null);
  const [gone, setGone] = useState(false);
  useEffect(() => {
    const stop = new AbortController();
    readPicture(of.url, stop.signal).then(
      (one) => {
        setPicture(one);
        setGone(one === null);
      },
      () => !stop.signal.aborted && setGone(true),
    );
    return () => stop.abort();
  }, [of.at]);
  if (gone) return <span class="muted small">{t("motion.after.gone")}</span>;
  return (
    <span title={label}>
      <Crop picture={picture} part={part} stretched label={label} />
    </span>
  );
}

const iso = (ms: number): string => new Date(ms).toISOString();

function partOf(outline: readonly Point[] | null): Part {
  if (!outline) return WHOLE;
  const [xs, ys] = [outline.map((one) => one[0]), outline.map((one) => one[1])];
  return { x0: Math.min(...xs), y0: Math.min(...ys), x1: Math.max(...xs), y1: Math.max(...ys) };
}
