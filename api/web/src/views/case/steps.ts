import type { ComponentType } from "preact";
import type { Case, Permission } from "../../api/types";
import type { Key } from "../../i18n";

/** What every step gets: the case, and to read it again after a change of it. */
export interface StepProps {
  of: Case;
  again: () => void;
}

export interface Step {
  /** As it stands in the address, `#/cases/<id>/<name>`. */
  name: string;
  label: Key;
  needs: Permission;
  /** It shows what cameras saw: only under the case's own purpose, and to those who work on the case. */
  looks: boolean;
  /** One function for ever. */
  load: () => Promise<ComponentType<StepProps>>;
}

/** The work on a case from left to right; a step stands here when it is there. */
export const STEPS: readonly Step[] = [
  { name: "report", label: "step.report", needs: "open_case", looks: false, load: async () => (await import("./report")).Report },
  { name: "cameras", label: "step.cameras", needs: "work_cases", looks: true, load: async () => (await import("./cameras")).Cameras },
  { name: "moment", label: "step.moment", needs: "see_recordings", looks: true, load: async () => (await import("./moment")).Moment },
  { name: "track", label: "step.track", needs: "work_cases", looks: true, load: async () => (await import("./track")).Track },
  { name: "canvass", label: "step.canvass", needs: "work_cases", looks: true, load: async () => (await import("./canvass")).Canvass },
  { name: "papers", label: "step.papers", needs: "work_cases", looks: true, load: async () => (await import("./papers")).Papers },
];
