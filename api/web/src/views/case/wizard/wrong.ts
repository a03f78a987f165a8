import type { Problem } from "../../../api/client";
import { problemText, t } from "../../../i18n";

/** What is wrong with a field of a report, by what the hub says of it; null where nothing is. */
export const fieldError = (problem: Problem | null, path: string): string | null => {
  const found = problem?.fields.find((one) => one.path.startsWith(`body.${path}`));
  return found ? wrongWords(found.path, found.code) : null;
};

/** Why a report was refused, with all that is wrong with it. */
export const whyNot = (problem: Problem): string =>
  [problemText(problem), ...problem.fields.map((one) => wrongWords(one.path, one.code))].join(" ");

function wrongWords(path: string, code: string): string {
  if (path.endsWith("found_at") && code === "future") return t("report.future");
  if (path.endsWith("ends_at") || code === "too_long") return t("case.wrong.long");
  if (path.endsWith("places") || code === "nowhere") return t("report.nowhere");
  if (path.endsWith("responsible_id")) return t("report.nobody");
  return t("case.wrong.value");
}
