import type { Words } from "./words";

export const zh = {
  "book.title": "一机一档批量导入导出",
} as const satisfies Record<string, string>;

export const en: Words<typeof zh> = {
  "book.title": "Import and export of the camera book",
};
