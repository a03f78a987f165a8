/** A camera's name for where only its id is told. */

import { useEffect } from "preact/hooks";
import { cameras, refresh } from "./cameras";

/** The name once the cameras are read; the beginning of the id for one that is not there. */
export function useCamera(id: string): string {
  useEffect(() => {
    if (cameras.peek() === null) void refresh();
  }, []);
  return cameras.value?.find((one) => one.id === id)?.name ?? id.slice(0, 8);
}
