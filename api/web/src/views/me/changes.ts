/** Counts what changes sign-ins and tokens from beside their lists, so that these read again. */

import { signal } from "@preact/signals";

export const changed = signal(0);
