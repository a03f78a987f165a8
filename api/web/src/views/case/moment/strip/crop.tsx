import { useEffect, useRef, useState } from "preact/hooks";
import type { Part } from "../../../../api/stills";
import { drawPart } from "./pictures";

interface Props {
  picture: Blob | null;
  part: Part | null;
  stretched: boolean;
  label?: string;
}

/** A part of one picture. */
export function Crop({ picture, part, stretched, label }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [shown, setShown] = useState(false);
  useEffect(() => {
    if (!picture) return undefined;
    let live = true;
    drawPart(canvas.current!, picture, part, stretched, () => live).then(
      (drawn) => live && setShown(drawn),
      () => live && setShown(false), // no picture after all: the cell stays bare
    );
    return () => {
      live = false;
    };
  }, [picture, part, stretched]);
  return <canvas ref={canvas} class="crop" data-shown={shown} role={label ? "img" : undefined} aria-label={label} aria-hidden={label ? undefined : true} />;
}
