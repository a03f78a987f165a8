import { listAttention } from "../../api/register";
import { t } from "../../i18n";
import { minute } from "../../i18n/time";
import { useAsked } from "../../store/asked";
import { Notice, Unread } from "../../ui/notice";

/** Cameras whose consent is missing, unsigned, about to run out or lacks a mask: what to do, and where. */
export function ConsentAttention() {
  const { value: list, problem, again } = useAsked((until) => listAttention(until), []);
  if (list === null || problem) return <Unread problem={problem} retry={again} />;
  return (
    <section class="cameras consents" aria-label={t("attention.title")}>
      <h1>{t("attention.title")}</h1>
      {list.length === 0 && <Notice title={t("attention.none")} />}
      <ul class="consent-list">
        {list.map((one) => (
          <li key={one.camera_id} class="panel">
            <a href={`#/cameras/${one.camera_id}?tab=consents`}>
              <bdi>{one.camera_name}</bdi>
            </a>{" "}
            <span class="muted">
              <bdi>{one.village_name}</bdi> · <bdi>{one.owner_name}</bdi>
            </span>
            <p class="small">{t(`attention.${one.why}`, { at: one.ends_at === null ? "" : minute(one.ends_at) })}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}
