import type { ComponentType } from "preact";
import { useEffect, useState } from "preact/hooks";
import { t } from "../i18n";
import { Notice } from "./notice";

interface Props<P> {
  /** Fetches the part; the browser keeps it, so a second visit waits for nothing. One function for ever. */
  load: () => Promise<ComponentType<P>>;
  /** What the part gets. */
  props?: P;
}

/** A part of the page that is fetched when it is first looked at, so that the first view stays light. */
export function Lazy<P extends object = object>({ load, props }: Props<P>) {
  // With what was fetched stands what fetched it: a view one has left is not drawn once more with the address of the next.
  const [found, setFound] = useState<{ by: typeof load; Part: ComponentType<P> } | null>(null);
  const [failed, setFailed] = useState<{ by: typeof load } | null>(null);
  const [round, setRound] = useState(0);
  useEffect(() => {
    let gone = false;
    setFailed(null);
    load().then(
      (Part) => !gone && setFound({ by: load, Part }),
      () => !gone && setFailed({ by: load }),
    );
    return () => {
      gone = true;
    };
  }, [load, round]);
  if (failed?.by === load)
    return <Notice tone="bad" title={t("problem.offline")} action={{ label: t("retry"), run: () => setRound(round + 1) }} />;
  if (found?.by !== load) return <div class="waiting" role="status" aria-label={t("loading")} />;
  return <found.Part {...((props ?? {}) as P)} />;
}
