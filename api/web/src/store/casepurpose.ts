/** To look under a case: its purpose where one is open already, else a new one. */

import { listPurposes, openPurpose } from "../api/client";
import type { Case, Purpose } from "../api/types";
import { look, purpose } from "./session";

/** Whether what one looks under is this case, be it a second person's grant for it. */
export const looksUnder = (one: Case): boolean => purpose.value?.case_id === one.id;

/** Says in one's own words why one looks under the case: what cameras near minors ask for. */
export async function sayWhy(under: Purpose, reason: string): Promise<void> {
  const { case_id, approval_id } = under;
  if (case_id === null) return;
  await look(await openPurpose({ kind: "case", case_id, reason, ...(approval_id ? { approval_id } : {}) }));
}

/** The case's purpose among those that are open, else a new one. */
export const purposeOf = async (one: Case, open: readonly Purpose[]): Promise<Purpose> =>
  open.find((other) => other.case_id === one.id && other.approval_id === null) ?? openPurpose({ kind: "case", case_id: one.id, reason: "" });

export const lookUnder = async (one: Case): Promise<void> => look(await purposeOf(one, await listPurposes()));

/** Whether what one looks under reaches a camera's village: nothing of another is shown. */
export const reaches = (village: string): boolean => purpose.value?.places?.some((one) => village.startsWith(one)) ?? true;
