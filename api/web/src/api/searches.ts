/** Saved searches: the filters of a search, run again by a press. */

import { ask } from "./client";

export interface SavedSearch {
  id: string;
  name: string;
  query: string;
  case_id: string | null;
  author: string;
  mine: boolean;
}

export async function listSearches(caseId: string | null, until?: AbortSignal): Promise<SavedSearch[]> {
  const query = caseId === null ? "" : `?case=${encodeURIComponent(caseId)}`;
  return (await ask<{ searches: SavedSearch[] }>("GET", `/searches${query}`, undefined, until)).searches;
}

export const saveSearch = (name: string, query: string, caseId: string | null): Promise<SavedSearch> =>
  ask("POST", "/searches", { name, query, case_id: caseId });

export const removeSearch = (id: string): Promise<void> => ask("DELETE", `/searches/${id}`);
