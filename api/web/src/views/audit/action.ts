/** What somebody did, in words: the action's own, or the noun's word for the step. */

import { t, word } from "../../i18n";

/** Nouns whose actions are steps: the words of these steps stand with the noun. */
export const STEPS = { approval: "approvalState", consent: "consentStep", incident: "incidentStep" } as const;

export function actionText(action: string): string {
  const whole = word("action", action);
  const [noun, step] = action.split(".") as [string, string];
  if (whole !== action || !(noun in STEPS)) return whole;
  const known = noun as keyof typeof STEPS;
  return t(`audit.step.${known}`, { step: word(STEPS[known], step) });
}
