import { useEffect, useState } from "preact/hooks";
import { stamp } from "../../i18n/time";
import { hubNow } from "../../api/hubclock";

/** The hub's time, which all times on the page go by, whatever this desk's own clock says. */
export function Clock() {
  const [now, setNow] = useState(hubNow);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const tick = (): void => {
      const at = hubNow();
      setNow(at);
      timer = setTimeout(tick, 1000 - (at % 1000) + 5);
    };
    tick();
    return () => clearTimeout(timer);
  }, []);
  const text = stamp(now);
  return (
    <time class="wall-clock" dateTime={text.replace(" ", "T")}>
      <span>{text.slice(0, 10)}</span> <b>{text.slice(11)}</b>
    </time>
  );
}
