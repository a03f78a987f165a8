import type { ComponentType } from "preact";
import type { Key } from "../../../i18n";
import type { StepProps } from "../steps";

export interface MomentPart {
  /** As it stands in the address, `#/cases/<id>/moment/<name>`. */
  name: string;
  label: Key;
  /** One function for ever. */
  load: () => Promise<ComponentType<StepProps>>;
}

/** Ways to find the moment. */
export const PARTS: readonly MomentPart[] = [
  { name: "strip", label: "moment.strip", load: async () => (await import("./strip")).Strip },
  { name: "search", label: "moment.search", load: async () => (await import("./search")).Search },
];
