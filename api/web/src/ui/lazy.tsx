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
  const [Part, setPart] = useState<ComponentType<P> | null>(null);
  const [failed, setFailed] = useState(false);
  const [round, setRound] = useState(0);
  useEffect(() => {
    let gone = false;
    setPart(null);
    setFailed(false);
    load().then(
      (loaded) => !gone && setPart(() => loaded),
      () => !gone && setFailed(true),
    );
    return () => {
      gone = true;
    };
  }, [load, round]);
  if (failed)
    return <Notice tone="bad" title={t("problem.offline")} action={{ label: t("retry"), run: () => setRound(round + 1) }} />;
  return Part ? <Part {...((props ?? {}) as P)} /> : <div class="waiting" role="status" aria-label={t("loading")} />;
}
