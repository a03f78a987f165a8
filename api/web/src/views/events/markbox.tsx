import { useRef } from "preact/hooks";
import { type HubEvent, VERDICTS } from "../../api/types";
import { t, word } from "../../i18n";
import { stamp } from "../../i18n/time";
import { useDraft } from "../../store/drafts";
import { type Put, say, saidOf, toggled } from "../../store/marks";
import { Icon } from "../../ui/icon";
import { toast } from "../../ui/toast";

const MOST = 500;

/** What one says of an event: useful, false, and a note that is kept while it is typed. */
export function MarkBox({ event, put }: { event: HubEvent; put: Put }) {
  const [draft, change, restart] = useDraft(`note/${event.id}`, () => ({ note: null as string | null }));
  const forget = (): void => restart({ note: null });
  const kept = saidOf(event);
  const note = draft.note ?? kept.note;
  const box = useRef<HTMLTextAreaElement>(null);

  async function keepNote(): Promise<void> {
    const wanted = note.trim();
    if (wanted === kept.note) return forget();
    // The draft goes when the hub has it: a session that ends here loses nothing, nor does who types on meanwhile.
    if (await say([event], (one) => ({ ...saidOf(one), note: wanted }), put)) change((was) => (was.note === note ? { note: null } : {}));
    return undefined;
  }

  return (
    <div class="markbox">
      <div class="row">
        {VERDICTS.map((one) => (
          <button
            key={one}
            type="button"
            class={`verdict verdict-${one}`}
            aria-pressed={kept.verdict === one}
            onClick={() => void say([event], toggled([event], one), put)}
          >
            <Icon name={one === "useful" ? "check" : "flag"} />
            {word("verdict", one)}
            <kbd>{one === "useful" ? "U" : "F"}</kbd>
          </button>
        ))}
      </div>
      <div class="field">
        <label for="event-note">{t("mark.note")}</label>
        <textarea
          id="event-note"
          ref={box}
          rows={2}
          maxLength={MOST}
          placeholder={t("mark.note.example")}
          value={note}
          onInput={(typed) => change({ note: typed.currentTarget.value })}
          onKeyDown={(key) => {
            if (key.key === "Enter" && (key.ctrlKey || key.metaKey)) void keepNote();
            if (key.key === "Escape") {
              key.stopPropagation();
              key.preventDefault();
              box.current?.blur();
            }
          }}
        />
      </div>
      <div class="row">
        {note.trim() !== kept.note && (
          <>
            <button type="button" class="primary small-button" onClick={() => void keepNote()}>
              {t("mark.note.keep")}
            </button>
            <button
              type="button"
              class="small-button"
              onClick={() => {
                forget();
                toast(t("mark.note.dropped"), { undo: () => change({ note }) });
              }}
            >
              {t("cancel")}
            </button>
          </>
        )}
        {event.mark && (
          <span class="muted small">
            {t("mark.by", { by: event.mark.marked_by, at: stamp(event.mark.marked_at).slice(0, 16) })}
          </span>
        )}
      </div>
    </div>
  );
}
