import { useState } from "preact/hooks";
import { type Bookmark, BOOKMARK_KINDS, type BookmarkKind, CONFIDENCES, type Confidence, type Saying } from "../../api/bookmarks";
import type { Problem } from "../../api/client";
import { t, word } from "../../i18n";
import { takeBookmark } from "../../store/bookmarks";
import { settle } from "../../store/session";
import { Field } from "../../ui/field";
import { FormEnd } from "../../ui/formend";
import { Segments } from "../../ui/tabs";

const MOST_NOTE = 2000;

interface Props {
  /** What it says so far. */
  was?: Saying;
  keep: (saying: Saying) => Promise<Bookmark>;
  done: (kept: Bookmark) => void;
  cancel: () => void;
  label: string;
  /** It must say something in words. */
  noted?: boolean;
}

/** What one says of a moment: what it shows, how sure one is, and in words. Enter keeps it. */
export function BookmarkForm({ was, keep, done, cancel, label, noted = false }: Props) {
  const [saying, setSaying] = useState<Saying>(was ?? { kind: "sighting", confidence: "unknown", note: "" });
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const change = (part: Partial<Saying>): void => setSaying({ ...saying, ...part });

  const wordless = noted && saying.note.trim() === "";

  async function send(event: Event): Promise<void> {
    event.preventDefault();
    if (busy || wordless) return;
    setBusy(true);
    setProblem(null);
    try {
      const kept = await keep({ ...saying, note: saying.note.trim() });
      takeBookmark(kept);
      done(kept);
    } catch (err) {
      setProblem(settle(err));
      setBusy(false);
    }
  }

  return (
    <form class="subform" onSubmit={(event) => void send(event)}>
      <Segments<BookmarkKind>
        label={t("bookmark.kind")}
        value={saying.kind}
        options={BOOKMARK_KINDS.map((value) => ({ value, label: word("bookmarkKind", value) }))}
        onChange={(kind) => change({ kind })}
      />
      <Field label={t("bookmark.confidence")}>
        {(wired) => (
          <select {...wired} value={saying.confidence} onChange={(event) => change({ confidence: event.currentTarget.value as Confidence })}>
            {CONFIDENCES.map((one) => (
              <option key={one} value={one}>
                {word("confidence", one)}
              </option>
            ))}
          </select>
        )}
      </Field>
      <Field label={t("bookmark.note")} optional={noted ? "" : t("patrol.optional")}>
        {(wired) => (
          <textarea
            {...wired}
            autofocus
            rows={2}
            maxLength={MOST_NOTE}
            value={saying.note}
            onInput={(event) => change({ note: event.currentTarget.value })}
            onKeyDown={(key) => {
              if (key.key === "Enter" && !key.shiftKey && !key.isComposing) void send(key);
            }}
          />
        )}
      </Field>
      <FormEnd problem={problem} send={label} disabled={busy || wordless} cancel={cancel} />
    </form>
  );
}
