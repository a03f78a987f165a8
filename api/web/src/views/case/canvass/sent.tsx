import type { Upload } from "../../../api/canvass";
import type { Case } from "../../../api/types";
import { t } from "../../../i18n";
import { minute } from "../../../i18n/time";
import type { Asked } from "../../../store/asked";
import { go, href, route } from "../../../store/route";
import { Notice, Stale, Unread } from "../../../ui/notice";
import { megabytes } from "./size";
import { Triage } from "./triage";

/** What was sent in: what waits to be judged first. Which is open, and at which moment, stands in the address. */
export function Sent({ of, asked, changed }: { of: Case; asked: Asked<Upload[]>; changed: () => void }) {
  const opened = route.value.query.get("upload");
  const open = (id: string | null): void => go(href("cases", id === null ? undefined : new URLSearchParams({ upload: id }), of.id, "canvass"), true);
  const { value, problem, again } = asked;
  const waiting = (value ?? []).filter((one) => one.state === "received").length;
  return (
    <section class="canvass-sent panel" aria-label={t("upload.list")}>
      <h2>
        {t("upload.list")} {waiting > 0 && <span class="tag tag-wait">{t("upload.waiting", { n: waiting })}</span>}
      </h2>
      {problem && value && <Stale problem={problem} />}
      {value === null && <Unread problem={problem} retry={again} />}
      {value?.length === 0 && <Notice title={t("upload.none")}>{t("upload.none.how")}</Notice>}
      <ul class="cards">
        {value?.map((one) => (
          <li key={one.id} class="case-card">
            <div class="case-head">
              <h3>
                <bdi>{one.entry_name}</bdi>
              </h3>
              <span class={one.state === "accepted" ? "tag tag-ok" : one.state === "received" ? "tag tag-wait" : "tag"}>{t(`uploadState.${one.state}`)}</span>
              {one.purged_at && <span class="tag">{t("upload.purged", { at: minute(one.purged_at) })}</span>}
            </div>
            <p class="muted small">
              <bdi>{one.given_name}</bdi> · <bdi>{one.device}</bdi> · {megabytes(one.bytes)} · <bdi>{one.giver}</bdi>
              {one.received_at && ` · ${minute(one.received_at)}`}
              {one.refusal && ` · ${t(`uploadRefusal.${one.refusal}`)}`}
            </p>
            {(one.state === "received" || one.state === "accepted") && one.purged_at === null && (
              <div class="row">
                <button type="button" class={one.state === "received" ? "primary small-button" : "small-button"} onClick={() => open(one.id)}>
                  {t(one.state === "received" ? "upload.judge" : "upload.look")}
                </button>
              </div>
            )}
          </li>
        ))}
      </ul>
      {opened !== null && (
        <Triage
          of={of}
          id={opened}
          others={value ?? []}
          from={Number(route.value.query.get("ms") ?? 0) || 0}
          onClose={() => {
            open(null);
            again();
            changed();
          }}
        />
      )}
    </section>
  );
}
