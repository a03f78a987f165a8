import { useEffect, useRef, useState } from "preact/hooks";
import { addBookmark } from "../../../api/bookmarks";
import type { Opened, Upload } from "../../../api/canvass";
import type { Case } from "../../../api/types";
import { t, word } from "../../../i18n";
import { stamp } from "../../../i18n/time";
import { useBookmarks } from "../../../store/bookmarks";
import { Notice } from "../../../ui/notice";
import { BookmarkForm } from "../../bookmarks/form";
import { told } from "../../playback/bookmarking";

const SECOND_MS = 1000;
export const within = (ms: number): string => `${Math.floor(ms / 60_000)}:${String(Math.floor(ms / SECOND_MS) % 60).padStart(2, "0")}`;

/** When a moment of a clip really was; null while nobody read its clock. */
export const trueTime = (one: Upload, ms: number): number | null => (one.begins_at === null ? null : Date.parse(one.begins_at) + ms);

/** A clip the case took: it plays, says when that was, and what is seen in it goes into the case. */
export function Play({ of, opened, from, again }: { of: Pick<Case, "id">; opened: Opened; from: number; again: () => void }) {
  const one = opened.upload;
  const video = useRef<HTMLVideoElement>(null);
  const [at, setAt] = useState(from);
  /** The address that gave nothing more: its ticket ran out, or the browser plays no such file. */
  const [broken, setBroken] = useState<string | null>(null);
  const plays = opened.video === broken ? null : opened.video;
  const [marking, setMarking] = useState<number | null>(null);
  const seek = (ms: number): void => {
    setAt(ms);
    if (video.current) video.current.currentTime = ms / SECOND_MS;
  };
  const mark = (ms: number): void => {
    video.current?.pause();
    setMarking(ms);
  };
  // Each time it is opened, say for its clock, it has another address: it goes on where it was.
  useEffect(() => seek(at), [opened.video]);
  return (
    <section class="upload-play" aria-label={t("upload.play")}>
      {plays ? (
        <video
          ref={video}
          class="upload-video"
          controls
          preload="metadata"
          src={plays}
          onError={() => setBroken(plays)}
          onTimeUpdate={(event) => setAt(Math.round(event.currentTarget.currentTime * SECOND_MS))}
        >
          <track kind="captions" />
        </video>
      ) : opened.video ? (
        <Notice tone="warn" title={t("upload.broken")} action={{ label: t("retry"), run: again }}>
          {t("upload.broken.how")}
        </Notice>
      ) : (
        one.verdict !== "unreadable" && <p class="hint">{t("upload.notPlayed")}</p>
      )}
      <div class="row upload-moment">
        <span class="time" role="status">
          <Moment one={one} at={at} />
        </span>
        <span class="grow" />
        {plays && (
          <button type="button" class="primary" disabled={one.begins_at === null} onClick={() => mark(at)}>
            {t("upload.mark")}
          </button>
        )}
      </div>
      {one.begins_at === null && <p class="hint">{t("upload.mark.clock")}</p>}
      {marking !== null && (
        <section class="panel" aria-label={t("upload.mark")}>
          <p class="muted small">
            <Moment one={one} at={marking} />
          </p>
          <BookmarkForm
            keep={(saying) => addBookmark(of.id, { upload_id: one.id, clip_ms: marking }, saying)}
            done={(kept) => {
              told(kept);
              setMarking(null);
            }}
            cancel={() => setMarking(null)}
            label={t("upload.mark.do")}
          />
        </section>
      )}
      <Marked of={one} seek={seek} />
      <Pictures opened={opened} mark={mark} />
    </section>
  );
}

/** The true moment first, then what the device showed, then where in the file that is. */
function Moment({ one, at }: { one: Upload; at: number }) {
  const really = trueTime(one, at);
  return (
    <>
      {really !== null && <strong>{stamp(really)}</strong>}{" "}
      <span class="muted small">
        {really !== null && `${t("upload.clock.showed", { at: stamp(really + (one.clock_offset_ms ?? 0)).slice(11) })} · `}
        {t("upload.within", { at: within(at) })}
      </span>
    </>
  );
}

/** Keyframes; of a clip that was taken each can be marked, whether browsers play the file or not. */
export function Pictures({ opened, mark }: { opened: Opened; mark?: (ms: number) => void }) {
  const one = opened.upload;
  if (opened.pictures.length === 0) return null;
  return (
    <ul class="upload-pictures" aria-label={t("upload.pictures")}>
      {opened.pictures.map((picture) => {
        const really = trueTime(one, picture.at_ms);
        return (
          <li key={picture.at_ms}>
            <img src={picture.url} alt={t("upload.picture", { at: within(picture.at_ms) })} />
            <span class="muted small">
              {within(picture.at_ms)}
              {really !== null && ` · ${stamp(really)}`}
            </span>
            {mark && really !== null && (
              <button type="button" class="small-button quiet" onClick={() => mark(picture.at_ms)}>
                {t("upload.mark")}
              </button>
            )}
          </li>
        );
      })}
    </ul>
  );
}

/** What was marked in this clip so far; one leads to its moment. */
function Marked({ of, seek }: { of: Upload; seek: (ms: number) => void }) {
  const those = (useBookmarks() ?? []).flatMap((one) => (one.upload?.id === of.id ? [{ ...one, upload: one.upload }] : []));
  if (those.length === 0) return null;
  return (
    <ul class="upload-marked" aria-label={t("bookmark.title")}>
      {those.map((one) => (
        <li key={one.id}>
          <button type="button" class="quiet" onClick={() => seek(one.upload.clip_ms)}>
            <span class={`tag bookmark-tag-${one.kind}`}>{word("bookmarkKind", one.kind)}</span> <span class="time">{stamp(one.at)}</span>{" "}
            <bdi>{one.note}</bdi>
          </button>
        </li>
      ))}
    </ul>
  );
}
