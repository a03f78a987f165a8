/** Walls that were saved, one's own and those others share; what is done to them. */

import { signal } from "@preact/signals";
import { Problem } from "../api/client";
import { changeWall, createWall, listWalls, type NewWall, removeWall, type Wall } from "../api/walls";
import { problemText, t } from "../i18n";
import { toast } from "../ui/toast";
import { settle } from "./session";
import { begin, body, saved } from "./wall";

export const walls = signal<readonly Wall[] | null>(null);
export const trouble = signal<Problem | null>(null);

export async function read(): Promise<void> {
  try {
    walls.value = await listWalls();
    trouble.value = null;
  } catch (err) {
    trouble.value = settle(err);
  }
}

/** Puts the saved wall up, unless another is wanted by then; one that is up already stays as it was changed. */
export async function take(id: string, until: AbortSignal): Promise<void> {
  if (saved.peek()?.id === id) return;
  await read();
  if (until.aborted) return;
  const found = walls.value?.find((one) => one.id === id);
  if (found) begin(found);
  else if (trouble.value === null) toast(t("walls.unknown"), { tone: "bad" });
}

/** The wall as it stands under a new name; it is the one that is up from then on. */
export async function saveAs(name: string, shared: boolean): Promise<void> {
  saved.value = await createWall({ name, shared, body: body.value });
  await read();
}

/** Changes a saved wall. Throws Problem; `wall_stale` where somebody changed it since it was read. */
export async function save(wall: Wall, change: Partial<NewWall>): Promise<void> {
  const { name, shared, body: was } = wall;
  const made = await changeWall(wall.id, wall.revision, { name, shared, body: was, ...change });
  if (saved.peek()?.id === wall.id) saved.value = made;
  await read();
}

/** Takes it away; a wall that stands stays, as one that is not saved. */
export async function remove(wall: Wall): Promise<void> {
  await removeWall(wall.id);
  const stood = saved.peek()?.id === wall.id;
  if (stood) saved.value = null;
  await read();
  toast(t("walls.removed", { name: wall.name }), {
    undo: () => {
      const { name, shared, body: was } = wall;
      createWall({ name, shared, body: was }).then(
        (made) => {
          if (stood && saved.peek() === null) saved.value = made;
          void read();
        },
        (err: unknown) => toast(problemText(settle(err)), { tone: "bad" }),
      );
    },
  });
}
