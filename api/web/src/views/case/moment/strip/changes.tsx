import { useState } from "preact/hooks";
import { addBookmark } from "../../../../api/bookmarks";
import type { Strip } from "../../../../api/stills";
import type { Case } from "../../../../api/types";
import { span, t } from "../../../../i18n";
import { stamp } from "../../../../i18n/time";
import { href } from "../../../../store/route";
import { may } from "../../../../store/session";
import { Dialog } from "../../../../ui/dialog";
import { toast } from "../../../../ui/toast";
import { BookmarkForm } from "../../../bookmarks/form";
import { FINEST_MS } from "./closer";
import type { Transition } from "./marks";

const BEFORE_MS = 10_000;

interface Props {
  of: Case;
  strip: Strip;
  list: readonly Transition[];
  onCloser: (one: Transition) => void;
  onHelp: ((one: Transition) => void) | null;
}

/** Between which moments it vanished or came: look closer, let the machine look, play, keep. */
export function Changes({ of, strip, list, onCloser, onHelp }: Props) {
  const [kept, setKept] = useState<Transition | null>(null);
  if (list.length === 0) return <p class="muted small">{t("strip.noChange")}</p>;
  return (
    <>
      <ul class="strip-changes">
        {list.map((one) => (
          <li key={one.from} class="row">
            <strong>{t(one.gone ? "strip.gone" : "strip.came")}</strong>
            <span class="time">
              {stamp(one.from).slice(5)} – {stamp(one.to).slice(5)}
            </span>
            <span class="tag">{span(one.to - one.from)}</span>
            <button type="button" class={one.to - one.from > 2 * FINEST_MS ? "primary" : ""} disabled={one.to - one.from <= FINEST_MS} onClick={() => onCloser(one)}>
              {t("strip.closer.do")}
            </button>
            {one.gone && (
              <button type="button" disabled={onHelp === null} title={onHelp === null ? t("strip.drawFirst") : t("vanish.means")} onClick={() => onHelp?.(one)}>
                {t("vanish.do")}
              </button>
            )}
            <a class="button" href={href("playback", new URLSearchParams({ cameras: strip.camera_id, at: new Date(Math.max(one.from, one.to - BEFORE_MS)).toISOString() }))}>
              {t("strip.play")}
            </a>
            {may("work_cases") && (
              <button type="button" onClick={() => setKept(one)}>
                {t("bookmark.add")}
              </button>
            )}
          </li>
        ))}
      </ul>
      {kept && (
        <Dialog label={t("bookmark.add")} onClose={() => setKept(null)}>
          <p class="muted small">{t("bookmark.add.means")}</p>
          <BookmarkForm
            was={{ kind: "lead", confidence: "likely", note: t(kept.gone ? "strip.note.gone" : "strip.note.came", { from: stamp(kept.from), to: stamp(kept.to) }) }}
            label={t("bookmark.add")}
            keep={(saying) => addBookmark(of.id, { camera_id: strip.camera_id, at: new Date(kept.to).toISOString(), stream: strip.stream }, saying)}
            done={() => {
              setKept(null);
              toast(t("bookmark.kept"), { tone: "ok" });
            }}
            cancel={() => setKept(null)}
          />
        </Dialog>
      )}
    </>
  );
}
