import type { Words } from "./words";

export const zh = {} as const satisfies Record<string, string>;

export const en: Words<typeof zh> = {};
