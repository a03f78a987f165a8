import { useEffect, useState } from "preact/hooks";

/** Whether the window fits a media query, while that changes. */
export function useMedia(query: string): boolean {
  const [fits, setFits] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const watched = matchMedia(query);
    const changed = (): void => setFits(watched.matches);
    changed();
    watched.addEventListener("change", changed);
    return () => watched.removeEventListener("change", changed);
  }, [query]);
  return fits;
}
