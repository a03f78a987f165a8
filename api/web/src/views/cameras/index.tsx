import type { ComponentType } from "preact";
import { route } from "../../store/route";
import { may } from "../../store/session";
import { Lazy } from "../../ui/lazy";
import "../../styles/cameras.css";
import { CameraList } from "./list";

/** Each entry is one function for ever: a new one would load anew. */
const PARTS: Record<string, () => Promise<ComponentType>> = {
  add: async () => (await import("./add")).Add,
  find: async () => (await import("./find")).Find,
  filings: async () => (await import("./filings")).Filings,
  consents: async () => (await import("./attention")).ConsentAttention,
  book: async () => (await import("./book")).Book,
};
const onePage = async (): Promise<ComponentType> => (await import("./one")).OnePage;
const scenePage = async (): Promise<ComponentType> => (await import("./scene")).ScenePage;

/** The technicians' page: the list, and by path a new device, devices found, the book, one camera, its scene. */
export function Cameras() {
  const [first, second] = route.value.path;
  if (first === undefined) return <CameraList />;
  const part = Object.hasOwn(PARTS, first) && (first === "filings" || may("register")) ? PARTS[first] : undefined;
  if (part) return <Lazy key={first} load={part} />;
  const load = second === "scene" ? scenePage : onePage;
  return <Lazy key={`${first}/${second ?? ""}`} load={load} />;
}
