import { useEffect, useState } from "preact/hooks";
import type { Problem } from "../../api/client";
import type { Wall } from "../../api/walls";
import { problemText, t } from "../../i18n";
import { go, href } from "../../store/route";
import { read, remove, save, saveAs, trouble, walls } from "../../store/savedwalls";
import { settle } from "../../store/session";
import { begin, body, changed, saved } from "../../store/wall";
import { Dialog } from "../../ui/dialog";
import { FormEnd } from "../../ui/formend";
import { Icon } from "../../ui/icon";
import { Unread } from "../../ui/notice";
import { Menu, Popover } from "../../ui/popover";
import { toast } from "../../ui/toast";

/** The wall that is up, by name, and all one may put up in its place. */
export function SavedWalls() {
  const [naming, setNaming] = useState<Wall | "new" | null>(null);
  const [stale, setStale] = useState<Wall | null>(null);
  const [busy, setBusy] = useState(false);
  const up = saved.value;
  async function keep(wall: Wall): Promise<void> {
    setBusy(true);
    try {
      await save(wall, { body: body.value });
      toast(t("walls.saved", { name: wall.name }), { tone: "ok" });
    } catch (err) {
      const problem = settle(err);
      if (problem.code === "wall_stale") setStale(wall);
      else toast(problemText(problem), { tone: "bad" });
    }
    setBusy(false);
  }
  return (
    <>
      <Popover
        label={t("walls")}
        buttonClass="wall-saved"
        button={
          <>
            <span class="wall-saved-name">{up ? up.name : t("walls.unsaved")}</span>
            {changed.value && <span class="muted"> *</span>}
            <Icon name="down" />
          </>
        }
      >
        {(close) => (
          <List
            pick={(wall) => {
              close();
              begin(wall);
              go(wall ? href("wall", undefined, wall.id) : href("wall"), true);
            }}
            name={(wall) => {
              close();
              setNaming(wall);
            }}
          />
        )}
      </Popover>
      {up?.mine && changed.value && (
        <button type="button" class="small-button" disabled={busy} onClick={() => void keep(up)}>
          {t("walls.save")}
        </button>
      )}
      <button type="button" class="small-button quiet wall-saveas" onClick={() => setNaming("new")}>
        {t("walls.saveAs")}
      </button>
      {naming && <Naming wall={naming === "new" ? null : naming} onClose={() => setNaming(null)} />}
      {stale && <Stale wall={stale} saveAs={() => setNaming("new")} onClose={() => setStale(null)} />}
    </>
  );
}

interface ListProps {
  pick: (wall: Wall | null) => void;
  /** Gives a wall another name, or what is up its first. */
  name: (wall: Wall | "new") => void;
}

function List({ pick, name }: ListProps) {
  useEffect(() => void read(), []);
  const all = walls.value;
  if (all === null) return <Unread problem={trouble.value} retry={() => void read()} />;
  const act = (work: Promise<void>): void => void work.catch((err: unknown) => toast(problemText(settle(err)), { tone: "bad" }));
  return (
    <div class="wall-list">
      <div class="menu-items">
        <button type="button" class="menu-item" onClick={() => pick(null)}>
          {t("walls.new")} <Icon name="add" />
        </button>
        <button type="button" class="menu-item" onClick={() => name("new")}>
          {t("walls.saveAs")} <Icon name="export" />
        </button>
      </div>
      {all.length === 0 && <p class="muted small">{t("walls.none")}</p>}
      <ul>
        {all.map((one) => (
          <li key={one.id}>
            <button type="button" class="menu-item" aria-current={saved.value?.id === one.id ? "true" : undefined} onClick={() => pick(one)}>
              <span class="wall-list-name">{one.name}</span>
              {one.shared && <span class="tag">{one.mine ? t("walls.shared") : t("walls.sharedBy", { name: one.owner })}</span>}
            </button>
            {one.mine && (
              <Menu
                label={t("walls.more", { name: one.name })}
                items={[
                  { label: t("walls.rename"), run: () => name(one) },
                  { label: t(one.shared ? "walls.unshare" : "walls.share"), run: () => act(save(one, { shared: !one.shared })) },
                  { label: t("walls.remove"), danger: true, run: () => act(remove(one)) },
                ]}
              />
            )}
          </li>
        ))}
      </ul>
    </div>
  );
}

/** The name of a wall that is saved for the first time, or of one that gets another. */
function Naming({ wall, onClose }: { wall: Wall | null; onClose: () => void }) {
  const [name, setName] = useState(wall?.name ?? "");
  const [shared, setShared] = useState(wall?.shared ?? false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const [busy, setBusy] = useState(false);
  async function submit(event: Event): Promise<void> {
    event.preventDefault();
    setBusy(true);
    try {
      if (wall) await save(wall, { name: name.trim(), shared });
      else await saveAs(name.trim(), shared);
      toast(t("walls.saved", { name: name.trim() }), { tone: "ok" });
      onClose();
    } catch (err) {
      setProblem(settle(err));
      setBusy(false);
    }
  }
  return (
    <Dialog label={t(wall ? "walls.rename" : "walls.saveAs")} onClose={onClose}>
      <form class="subform" onSubmit={(event) => void submit(event)}>
        <label class="field">
          <span>{t("walls.name")}</span>
          <input
            required
            autofocus
            maxLength={64}
            placeholder={t("walls.name.example")}
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
        <label class="check">
          <input type="checkbox" checked={shared} onChange={(event) => setShared(event.currentTarget.checked)} />
          <span>{t("walls.shared.ask")}</span>
        </label>
        <FormEnd problem={problem} send={t("walls.save")} disabled={busy || name.trim() === ""} cancel={onClose} />
      </form>
    </Dialog>
  );
}

/** Somebody saved the same wall meanwhile: his, or another name for this one. */
function Stale({ wall, saveAs: another, onClose }: { wall: Wall; saveAs: () => void; onClose: () => void }) {
  async function theirs(): Promise<void> {
    await read();
    if (trouble.value) return toast(problemText(trouble.value), { tone: "bad" });
    begin(walls.value?.find((one) => one.id === wall.id) ?? null);
    return onClose();
  }
  return (
    <Dialog label={t("walls.stale")} onClose={onClose}>
      <p>{t("walls.stale.do")}</p>
      <div class="row">
        <button type="button" class="primary" onClick={() => void theirs()}>
          {t("walls.stale.theirs")}
        </button>
        <button
          type="button"
          onClick={() => {
            onClose();
            another();
          }}
        >
          {t("walls.saveAs")}
        </button>
      </div>
    </Dialog>
  );
}
