/** This browser as a named screen of the room, to which others push cameras. */

import { effect, signal } from "@preact/signals";
import { streamAddress } from "../api/client";
import { EventStream } from "../api/stream";
import { listScreens } from "../api/walls";
import { t } from "../i18n";
import { toast } from "../ui/toast";
import { endSession, forgetPurpose, purpose, session, settle } from "./session";
import { screenName } from "./settings";
import { cameraOf, freeTile, layout, place, selected } from "./wall";

/** `taken`: another browser is that screen now. */
export const standing = signal<"off" | "connecting" | "on" | "taken">("off");
/** Whether to be the screen though another browser is. */
const taking = signal(false);

export function become(name: string): void {
  taking.value = false;
  standing.value = "off";
  screenName.value = name;
}

export function takeOver(): void {
  taking.value = true;
}

/** Is the screen it was made while a purpose is open, until the returned function is called. */
export function follow(): () => void {
  return effect(() => {
    const name = screenName.value;
    standing.value = "off";
    if (name === "" || purpose.value === null) return undefined;
    standing.value = "connecting";
    const query = new URLSearchParams({ layout: layout.value, ...(taking.value ? { take: "true" } : {}) });
    const stream = new EventStream(streamAddress(`/screens/${encodeURIComponent(name)}?${query}`), {
      show: ({ camera, tile, by }) => {
        const at = tile ?? freeTile();
        place([camera], at);
        selected.value = at;
        toast(t("screen.shown", { by, name: cameraOf(camera)?.name ?? "" }));
      },
      lost: () => {},
      open: () => {
        standing.value = "on";
      },
      down: () => {
        standing.value = "connecting";
        void whyDown(name, stream);
      },
      ended: (why) => {
        if (why === "session") endSession();
        else if (why === "purpose") forgetPurpose();
        else standing.value = "taken";
      },
    });
    return () => stream.close();
  });
}

/** A refused handshake tells a page nothing: the list of screens says who holds the name. */
async function whyDown(name: string, stream: EventStream): Promise<void> {
  try {
    const there = (await listScreens()).find((one) => one.name === name);
    if (there === undefined || standing.peek() !== "connecting" || session.peek() === null) return;
    stream.close();
    standing.value = "taken";
  } catch (err) {
    settle(err); // the hub is away: the stream comes back by itself
  }
}
