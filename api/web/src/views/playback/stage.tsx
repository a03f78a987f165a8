import { useComputed } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { span, t } from "../../i18n";
import { stamp } from "../../i18n/time";
import { stateAt } from "../../store/footage";
import type { PlaySession } from "../../store/playsession";
import { word } from "../../i18n";
import { type Played, Tile } from "./tile";

interface Props {
  session: PlaySession;
  cameras: readonly Played[];
  /** Handed the function that switches full screen, for a key. */
  onFull?: (toggle: () => void) => void;
}

/** The pictures of all cameras at one moment, and the moment. */
export function Stage({ session, cameras, onFull }: Props) {
  const box = useRef<HTMLDivElement>(null);
  const { player } = session;
  const second = useComputed(() => Math.floor(player.position.value / 1000) * 1000).value;
  useEffect(() => {
    onFull?.(() => {
      const done = document.fullscreenElement ? document.exitFullscreen() : box.current?.requestFullscreen?.();
      done?.catch(() => {}); // refused without a touch of the page; the button stays
    });
  }, []);
  return (
    <div ref={box} class="play-stage">
      <div class={`play-tiles play-tiles-${cameras.length}`}>
        {cameras.map((one, n) => (
          <Tile key={one.id} camera={one} track={player.tracks[n]!} footage={session.footage.value[n] ?? null} second={second} />
        ))}
      </div>
      <Moment session={session} second={second} />
    </div>
  );
}

/** The hub's clock, by which all is kept, and what the first camera's own clock showed. */
function Moment({ session, second }: { session: PlaySession; second: number }) {
  const { player } = session;
  const offset = player.tracks[0]?.state.value.offset ?? session.footage.value[0]?.offset ?? null;
  const late = session.late(session.cameras[0]!);
  const skipped = player.skipped.value;
  return (
    <div class="play-moment">
      <span class="play-clock" title={t("play.clock.hub")}>
        <time>{stamp(second)}</time>
        <small class="muted play-ms">
          <Millis session={session} />
        </small>
      </span>
      <span class="muted small">
        {offset === null
          ? t("play.clock.unknown")
          : t("play.clock.camera", { at: stamp(second + late + offset).slice(11), by: signed(offset) })}
      </span>
      <span class="grow" />
      <span class="small" role="status">
        {skipped ? t("play.skipped", { span: span(skipped.to - skipped.from), why: whyOf(session, skipped.from) }) : player.over.value ? t("play.over") : player.waiting.value ? t("play.loading") : ""}
      </span>
    </div>
  );
}

const Millis = ({ session }: { session: PlaySession }) => <>.{String(Math.floor(session.player.position.value) % 1000).padStart(3, "0")}</>;

const signed = (ms: number): string => `${ms < 0 ? "−" : "+"}${Math.abs(ms / 1000).toFixed(1)}`;

/** Why there is nothing where was jumped: the gap's cause, or that nothing was to be recorded. */
function whyOf(session: PlaySession, at: number): string {
  for (const one of session.known()) {
    const { sort, cause } = stateAt(one, at);
    if (sort === "gap") return word("gap", cause ?? "");
  }
  return word("gap", "none");
}
