import { useState } from "preact/hooks";
import { type Bookmark, supersedeBookmark } from "../../api/bookmarks";
import { Problem } from "../../api/client";
import { problemText, t, word } from "../../i18n";
import { stamp } from "../../i18n/time";
import { OfUpload } from "./ofupload";
import { bookmarkCase, bookmarksProblem, readBookmarks, useBookmarks } from "../../store/bookmarks";
import { Dialog } from "../../ui/dialog";
import { Icon } from "../../ui/icon";
import { Unread } from "../../ui/notice";
import { BookmarkForm } from "./form";
import "../../styles/bookmarks.css";

interface Props {
  /** Goes to the moment of one. */
  onGo: (one: Bookmark) => void;
}

/** The case's bookmarks in order of their moments, each with its picture; a change is a new version. */
export function BookmarkList({ onGo }: Props) {
  const list = useBookmarks();
  const [changed, setChanged] = useState<Bookmark | null>(null);
  const of = bookmarkCase();
  if (of === null) return null;
  if (list === null) return <Unread problem={bookmarksProblem.value} retry={() => void readBookmarks(of)} />;
  if (list.length === 0) return <p class="muted small">{t("bookmark.none")}</p>;
  return (
    <>
      <ol class="bookmarks">
        {list.map((one) => (
          <li key={one.id} class={`bookmark bookmark-${one.kind}`}>
            <button type="button" class="bookmark-go" aria-label={t("bookmark.go", { at: stamp(one.at), name: one.camera_name })} onClick={() => onGo(one)}>
              <Picture of={one} />
            </button>
            <div class="bookmark-said">
              <strong class="time">{stamp(one.at)}</strong>
              <span>
                <bdi>{one.camera_name}</bdi> <span class="muted small">{one.village_name}</span>
                {one.upload && <OfUpload caseId={one.case_id} one={one.upload} />}
              </span>
              <span class="row">
                <span class={`tag bookmark-tag-${one.kind}`}>{word("bookmarkKind", one.kind)}</span>
                <span class="muted small">{word("confidence", one.confidence)}</span>
              </span>
              {one.note && <p class="bookmark-note">{one.note}</p>}
              <span class="muted small">
                {one.author}
                {one.version > 1 && ` · ${t("bookmark.version", { n: one.version })}`}
                {one.clock_offset_ms !== null && ` · ${t("bookmark.cameraClock", { at: stamp(Date.parse(one.at) + one.clock_offset_ms).slice(11) })}`}
              </span>
            </div>
            <button type="button" class="quiet icon-button" aria-label={t("bookmark.change")} title={t("bookmark.change")} onClick={() => setChanged(one)}>
              <Icon name="note" />
            </button>
          </li>
        ))}
      </ol>
      {changed && <Change of={changed} onClose={() => setChanged(null)} />}
    </>
  );
}

function Picture({ of }: { of: Bookmark }) {
  const [lost, setLost] = useState("");
  if (of.still_url === null || lost === of.still_url)
    return <span class="bookmark-empty muted small">{of.still_why ? problemText(new Problem(404, of.still_why, of.still_why)) : t("bookmark.noStill")}</span>;
  return <img src={of.still_url} alt="" loading="lazy" onError={() => setLost(of.still_url ?? "")} />;
}

function Change({ of, onClose }: { of: Bookmark; onClose: () => void }) {
  const [retracted, setRetracted] = useState(false);
  return (
    <Dialog label={t("bookmark.change")} onClose={onClose}>
      <p class="muted small">{t("bookmark.change.means")}</p>
      <label class="check">
        <input type="checkbox" checked={retracted} onChange={() => setRetracted(!retracted)} /> {t("bookmark.retract")}
      </label>
      <BookmarkForm
        was={{ kind: of.kind, confidence: of.confidence, note: of.note }}
        noted={retracted}
        keep={(saying) => supersedeBookmark(of, saying, retracted)}
        done={onClose}
        cancel={onClose}
        label={t("bookmark.change.do")}
      />
    </Dialog>
  );
}
