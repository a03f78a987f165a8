import { useState } from "preact/hooks";
import { addBookmark } from "../../api/bookmarks";
import type { HubEvent } from "../../api/types";
import { t } from "../../i18n";
import { bookmarkCase, useBookmarks } from "../../store/bookmarks";
import { href } from "../../store/route";
import { purpose } from "../../store/session";
import { Icon } from "../../ui/icon";
import { BookmarkForm } from "../bookmarks/form";
import { told } from "../playback/bookmarking";

/** An event found useful goes into the case one looks under, with its picture; or leads to where it stands there. */
export function ToCase({ event }: { event: HubEvent }) {
  const [open, setOpen] = useState(false);
  const list = useBookmarks();
  const of = bookmarkCase();
  if (of === null) return null;
  const made = list?.find((one) => one.event_id === event.id);
  if (made)
    return (
      <a class="button" href={href("playback", new URLSearchParams({ cameras: event.camera_id, at: made.at }))}>
        <Icon name="bookmark" /> {t("bookmark.inCase")}
      </a>
    );
  const label = t("bookmark.toCase", { number: purpose.value?.case_number ?? "" });
  if (!open)
    return (
      <button type="button" onClick={() => setOpen(true)}>
        <Icon name="bookmark" /> {label}
      </button>
    );
  return (
    <BookmarkForm
      keep={(saying) => addBookmark(of, { event_id: event.id }, saying)}
      done={(kept) => {
        told(kept);
        setOpen(false);
      }}
      cancel={() => setOpen(false)}
      label={label}
    />
  );
}
