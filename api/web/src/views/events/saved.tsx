import { useState } from "preact/hooks";
import { listSearches, removeSearch, saveSearch } from "../../api/searches";
import { t } from "../../i18n";
import { useAsked } from "../../store/asked";
import { bookmarkCase } from "../../store/bookmarks";
import { count, type Filters, read, write } from "../../store/filters";
import { Icon } from "../../ui/icon";
import { Popover } from "../../ui/popover";
import { apply } from "./sentence";

const MOST_NAME = 64;

/** Searches saved for the case one looks under, else one's own: one press runs one again. */
export function Saved({ f }: { f: Filters }) {
  return (
    <Popover label={t("saved.title")} button={<><Icon name="list" /> {t("saved.title")}</>}>
      {(close) => <Inside f={f} close={close} />}
    </Popover>
  );
}

function Inside({ f, close }: { f: Filters; close: () => void }) {
  const of = bookmarkCase();
  const { value, act, once, busy } = useAsked((until) => listSearches(of, until), [of]);
  const [name, setName] = useState("");
  const query = write(f).toString();

  function save(event: Event): void {
    event.preventDefault();
    void once(async () => {
      await saveSearch(name.trim(), query, of);
      setName("");
      return t("saved.done");
    });
  }

  return (
    <div class="saved">
      <p class="muted small">{t(of === null ? "saved.own" : "saved.case")}</p>
      {value?.length === 0 && <p class="muted">{t("saved.none")}</p>}
      <ul>
        {value?.map((one) => (
          <li key={one.id} class="row">
            <button
              type="button"
              class="quiet grow"
              onClick={() => {
                apply(read(new URLSearchParams(one.query)), false);
                close();
              }}
            >
              {one.name} {!one.mine && <span class="muted small">{one.author}</span>}
            </button>
            {one.mine && (
              <button type="button" class="quiet icon-button" aria-label={t("saved.remove", { name: one.name })} onClick={() => void act(() => removeSearch(one.id))}>
                <Icon name="close" />
              </button>
            )}
          </li>
        ))}
      </ul>
      {count(f) > 0 && (
        <form class="row" onSubmit={save}>
          <input aria-label={t("saved.name")} placeholder={t("saved.name")} maxLength={MOST_NAME} required value={name} onInput={(event) => setName(event.currentTarget.value)} />
          <button type="submit" disabled={busy || name.trim() === ""}>
            {t("saved.save")}
          </button>
        </form>
      )}
    </div>
  );
}
