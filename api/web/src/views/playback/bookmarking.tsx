import { useState } from "preact/hooks";
import { addBookmark, type Bookmark } from "../../api/bookmarks";
import { Problem } from "../../api/client";
import { problemText, t } from "../../i18n";
import { stamp } from "../../i18n/time";
import { bookmarkCase, useBookmarks } from "../../store/bookmarks";
import type { PlaySession } from "../../store/playsession";
import { go, href } from "../../store/route";
import { Dialog } from "../../ui/dialog";
import { Segments } from "../../ui/tabs";
import { toast } from "../../ui/toast";
import { BookmarkForm } from "../bookmarks/form";
import { BookmarkList } from "../bookmarks/list";
import { uploadHref } from "../bookmarks/ofupload";
import type { Played } from "./tile";

interface Props {
  session: PlaySession;
  cameras: readonly Played[];
  onClose: () => void;
}

export function told(kept: Bookmark): void {
  if (kept.still_url !== null) toast(t("bookmark.kept"), { tone: "ok" });
  else toast(t("bookmark.keptWithout", { why: problemText(new Problem(404, kept.still_why, kept.still_why)) }));
}

/** The moment that is shown goes into the case; of several cameras, the one whose picture it is of. */
export function BookmarkDialog({ session, cameras, onClose }: Props) {
  const [at] = useState(() => Math.round(session.player.position.peek()));
  const shown = session.player.tracks.findIndex((one) => ["video", "picture"].includes(one.state.peek().shows));
  const [camera, setCamera] = useState(cameras[Math.max(shown, 0)]!.id);
  const of = bookmarkCase();
  if (of === null) return null;
  return (
    <Dialog label={`${t("bookmark.add")} · ${stamp(at)}`} onClose={onClose}>
      <p class="muted small">{t("bookmark.add.means")}</p>
      {cameras.length > 1 && (
        <Segments label={t("bookmark.camera")} value={camera} options={cameras.map((one) => ({ value: one.id, label: one.name }))} onChange={setCamera} />
      )}
      <BookmarkForm
        keep={(saying) => addBookmark(of, { camera_id: camera, at: new Date(at + session.late(camera)).toISOString(), stream: session.stream }, saying)}
        done={(kept) => {
          told(kept);
          session.readers.forEach((one) => one.again()); // what is held shows
          onClose();
        }}
        cancel={onClose}
        label={t("bookmark.add")}
      />
    </Dialog>
  );
}

/** The case's bookmarks under the timeline; one leads to its moment, with its camera. */
export function CaseBookmarks({ session, cameras }: Omit<Props, "onClose">) {
  const list = useBookmarks();
  if (bookmarkCase() === null) return null;
  const lead = (one: Bookmark): void => {
    if (one.camera_id === null) {
      if (one.upload) go(uploadHref(one.case_id, one.upload));
    } else if (cameras.some((other) => other.id === one.camera_id)) session.seek(Date.parse(one.at) - session.late(one.camera_id));
    else go(href("playback", new URLSearchParams({ cameras: one.camera_id, at: one.at })));
  };
  return (
    <details class="panel" open>
      <summary>{list === null ? t("bookmark.title") : t("bookmark.count", { n: list.length })}</summary>
      <BookmarkList onGo={lead} />
    </details>
  );
}
