import { watchedOf } from "../../api/client";
import { t, unwatched } from "../../i18n";
import { useAsked } from "../../store/asked";
import type { EventList } from "../../store/eventlist";

/** Under a list that is whole: how much of what was searched was watched, as what is not listed may have passed unseen. */
export function WatchedOf({ list }: { list: EventList }) {
  const { value: told } = useAsked((until) => watchedOf(list.order.query, until), [list]);
  if (told === null) return null; // asking, or the list above says what is wrong
  if (told.cameras === 0) return <p class="watched">{t("watched.nobody")}</p>;
  if (told.asked_s === null || told.unwatched_s === null) return <p class="watched">{t("watched.many", { n: told.cameras })}</p>;
  const more = (told.unwatched_cameras ?? 0) - told.unwatched.length;
  if (told.unwatched.length === 0) return <p class="watched">{t("watched.all", { n: told.cameras })}</p>;
  // Down, not to the nearest: 100 % is said of what was watched throughout.
  const share = told.asked_s === 0 ? 0 : Math.floor((1 - told.unwatched_s / told.asked_s) * 1000) / 10;
  return (
    <details class="watched">
      <summary>{t("watched.some", { n: told.cameras, share, k: told.unwatched_cameras ?? 0 })}</summary>
      <ul>
        {told.unwatched.map((one) => (
          <li key={one.camera_id}>
            {one.name} <span class="muted">{one.village_name}</span> <span class="tag tag-bad">{t("track.unwatched", { for: unwatched(one.unwatched_s) })}</span>
          </li>
        ))}
        {more > 0 && <li class="muted">{t("watched.more", { n: more })}</li>}
      </ul>
    </details>
  );
}
