import { useState } from "preact/hooks";
import { problemText, t } from "../../i18n";
import { bookmarkCase } from "../../store/bookmarks";
import { besideEvent } from "../../store/footage";
import type { PlaySession } from "../../store/playsession";
import { may, settle } from "../../store/session";
import { Icon } from "../../ui/icon";
import { type Binding, useKeys } from "../../ui/keys";
import { RATES } from "../../ui/player/player";
import { DAY, HOUR, MINUTE, SECOND, zoomed } from "../../ui/timeline/scale";
import { toast } from "../../ui/toast";
import { BookmarkDialog } from "./bookmarking";
import { saveShown } from "./still";
import type { Played } from "./tile";

/** Of a view, of a dialog of its own, or among the keys of something else, where those that clash are left out. */
export type Keys = "view" | "dialog" | "among";

interface Props {
  session: PlaySession;
  cameras: readonly Played[];
  onFull: () => void;
  keys: Keys;
}

const REVERSE = [-1, -2, -4, -8, -16];
/** One lands a little before an event, so that one sees it begin. */
const BEFORE_EVENT_MS = 2_000;

/** What one plays with: the buttons, and their keys. */
export function Controls({ session, cameras, onFull, keys }: Props) {
  const { player } = session;
  const rate = player.rate.value;
  const [busy, setBusy] = useState(false);
  const [noting, setNoting] = useState(false);
  const inCase = bookmarkCase() !== null && keys !== "among";
  const bookmark = (): void => {
    player.pause();
    setNoting(true);
  };
  const by = (ms: number) => (): void => session.seek(player.position.peek() + ms);
  const step = (one: 1 | -1) => (): void => player.step(one);
  const faster = (): void => player.play(player.playing.peek() && rate >= 1 ? (RATES.find((one) => one > rate) ?? 16) : 1);
  const back = (): void => player.play(player.playing.peek() && rate < 0 ? (REVERSE.find((one) => one < rate) ?? -16) : -1);

  async function toEvent(way: 1 | -1): Promise<void> {
    const until = session.looking();
    try {
      const from = player.position.peek() + way * BEFORE_EVENT_MS;
      const each = session.cameras.some((one) => session.late(one) !== 0) ? session.cameras.map((one) => [one]) : [session.cameras];
      const found = await Promise.all(
        each.map(async (some) => {
          const late = session.late(some[0]!);
          const one = await besideEvent(some, from + late, way, until);
          return one === null ? null : one.at - late;
        }),
      );
      if (until.aborted) return;
      const there = found.filter((one) => one !== null).sort((a, b) => way * (a - b))[0];
      if (there !== undefined) session.seek(there - BEFORE_EVENT_MS);
      else toast(t(way === 1 ? "play.event.noNext" : "play.event.noPrevious"));
    } catch (err) {
      if (!until.aborted) toast(problemText(settle(err)), { tone: "bad" });
    }
  }

  async function still(): Promise<void> {
    setBusy(true);
    try {
      await saveShown(session, cameras[0]!, 0);
    } catch (err) {
      toast(problemText(settle(err)), { tone: "bad" });
    }
    setBusy(false);
  }

  const always: Binding[] = [
    { keys: [" "], label: t("play.toggle"), run: () => player.toggle() },
    { keys: [","], label: t("play.frame.back"), run: step(-1) },
    { keys: ["."], label: t("play.frame.on"), run: step(1) },
    { keys: ["i"], label: t("clip.in"), run: () => session.mark("from") },
    { keys: ["o"], label: t("clip.out"), run: () => session.mark("to") },
  ];
  const whole: Binding[] = [
    { keys: ["k"], label: t("play.pause"), run: () => player.pause() },
    { keys: ["l"], label: t("play.faster"), run: faster },
    { keys: ["j"], label: t("play.back"), run: back },
    { keys: ["arrowright"], label: t("play.on10"), run: by(10 * SECOND) },
    { keys: ["arrowleft"], label: t("play.back10"), run: by(-10 * SECOND) },
    { keys: ["shift+arrowright"], label: t("play.on60"), run: by(MINUTE) },
    { keys: ["shift+arrowleft"], label: t("play.back60"), run: by(-MINUTE) },
    { keys: ["n"], label: t("play.event.next"), run: () => void toEvent(1) },
    { keys: ["p"], label: t("play.event.previous"), run: () => void toEvent(-1) },
    { keys: ["+", "="], label: t("lanes.nearer"), run: () => session.show(zoomed(session.view.peek(), 0.5, player.position.peek())) },
    { keys: ["-"], label: t("lanes.farther"), run: () => session.show(zoomed(session.view.peek(), 2, player.position.peek())) },
    { keys: ["pageup"], label: t("play.backHour"), run: by(-HOUR) },
    { keys: ["pagedown"], label: t("play.onHour"), run: by(HOUR) },
    { keys: ["shift+pageup"], label: t("play.backDay"), run: by(-DAY) },
    { keys: ["shift+pagedown"], label: t("play.onDay"), run: by(DAY) },
    { keys: ["f"], label: t("live.full"), run: onFull },
    ...(inCase ? [{ keys: ["b"], label: t("bookmark.add"), run: bookmark }] : []),
  ];
  useKeys(t("nav.playback"), keys === "among" ? always : [...always, ...whole], keys === "dialog");

  return (
    <div class="play-controls" role="group" aria-label={t("play.controls")}>
      {may("see_events") && keys !== "among" && (
        <IconButton icon="eventBack" label={t("play.event.previous")} run={() => void toEvent(-1)} />
      )}
      <IconButton icon="back10" label={t("play.back10")} run={by(-10 * SECOND)} />
      <IconButton icon="frameBack" label={t("play.frame.back")} run={step(-1)} />
      <button
        type="button"
        class="primary icon-button play-toggle"
        aria-label={t(player.playing.value ? "play.pause" : "play.start")}
        title={t(player.playing.value ? "play.pause" : "play.start")}
        onClick={() => player.toggle()}
      >
        <Icon name={player.playing.value ? "pause" : "play"} />
      </button>
      <IconButton icon="frameOn" label={t("play.frame.on")} run={step(1)} />
      <IconButton icon="on10" label={t("play.on10")} run={by(10 * SECOND)} />
      {may("see_events") && keys !== "among" && <IconButton icon="eventOn" label={t("play.event.next")} run={() => void toEvent(1)} />}
      <select
        class="play-rate"
        aria-label={t("play.rate")}
        value={String(rate)}
        onChange={(event) => player.setRate(Number(event.currentTarget.value))}
      >
        {[...RATES, ...(RATES.some((one) => one === rate) ? [] : [rate])].map((one) => (
          <option key={one} value={String(one)}>
            {one < 0 ? t("play.reverse", { n: -one }) : `${one}×`}
          </option>
        ))}
      </select>
      <span class="grow" />
      {inCase && (
        <button type="button" class="quiet" aria-label={t("bookmark.add")} title={t("bookmark.add")} onClick={bookmark}>
          <Icon name="bookmark" /> <span class="wide-word">{t("bookmark.add")}</span> <kbd>B</kbd>
        </button>
      )}
      {noting && <BookmarkDialog session={session} cameras={cameras} onClose={() => setNoting(false)} />}
      {may("export") && (
        <button type="button" class="quiet" aria-label={t("still.save")} title={t("still.save")} disabled={busy} onClick={() => void still()}>
          <Icon name="still" /> <span class="wide-word">{t("still.save")}</span>
        </button>
      )}
      {document.fullscreenEnabled && <IconButton icon="full" label={t("live.full")} run={onFull} />}
    </div>
  );
}

const IconButton = ({ icon, label, run }: { icon: Parameters<typeof Icon>[0]["name"]; label: string; run: () => void }) => (
  <button type="button" class="quiet icon-button" aria-label={label} title={label} onClick={run}>
    <Icon name={icon} />
  </button>
);
