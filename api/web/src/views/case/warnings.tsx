import { listExpiring } from "../../api/placement";
import { listHolds } from "../../api/recordings";
import type { Case } from "../../api/types";
import { t } from "../../i18n";
import { minute } from "../../i18n/time";
import { useAsked } from "../../store/asked";

const SOON_MS = 7 * 86_400_000;
const soon = (at: string): boolean => new Date(at).getTime() - Date.now() < SOON_MS;

/** What runs out on a case: the case itself, a hold, footage that no hold keeps. */
export function Warnings({ of }: { of: Case }) {
  const expiring = useAsked(listExpiring, [of.revision]).value;
  const holds = useAsked((until) => listHolds(of.id, until), [of.id, of.revision]).value;
  if (of.state === "closed") return null;
  const going = expiring?.find((one) => one.case_id === of.id);
  const ending = holds?.filter((one) => one.active && soon(one.expires_at)).map((one) => one.expires_at).sort()[0];
  const said = [
    of.state === "open" && soon(of.expires_at) && t("case.soon", { at: minute(of.expires_at) }),
    !of.responsible && t("case.nobody"),
    going && t("warn.footage", { at: minute(going.goes_at), n: going.cameras.length }),
    ending && t("warn.hold", { at: minute(ending) }),
  ].filter((one): one is string => Boolean(one));
  if (said.length === 0) return null;
  return (
    <ul class="case-warnings" role="status">
      {said.map((one) => (
        <li key={one} class="tag tag-wait">
          {one}
        </li>
      ))}
    </ul>
  );
}
