import type { Case } from "../../api/types";

/** Somebody of the case as he is called; of others the hub tells the sign-in name alone. */
export function called(of: Case, name: string): string {
  const known = of.members.find((one) => one.name === name);
  return known?.display_name || name;
}
