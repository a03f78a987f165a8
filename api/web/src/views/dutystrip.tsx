import { t, word } from "../i18n";
import { stamp } from "../i18n/time";
import { href } from "../store/route";
import { session } from "../store/session";

/** What one must do before one may look (again), or will soon have to; on every view. */
export function DutyStrip() {
  const user = session.value?.user;
  if (user?.enrol)
    return (
      <p class="strip" role="status">
        <i class="dot dot-bad" /> {t("duty.enrol")} <a href={href("me")}>{t("nav.me")}</a>
      </p>
    );
  const due = user?.duties.filter((one) => one.soon) ?? [];
  if (due.length === 0) return null;
  return (
    <p class="strip" role="status">
      <i class="dot dot-bad" />{" "}
      {due
        .map((one) => {
          const what = word("duty", one.duty);
          if (one.until === null) return t("duty.none", { what });
          return t(one.holds ? "duty.soon" : "duty.over", { what, day: stamp(one.until).slice(0, 10) });
        })
        .join(" ")}
    </p>
  );
}
