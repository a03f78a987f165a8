import type { CameraStatus } from "../../api/types";
import { word } from "../../i18n";
import { fault } from "../../store/camerarows";

/** Why a camera is of no use now, what to do about it, and since when; null while nothing is wrong. */
export function whyOf(status: CameraStatus): { why: string; advice: string; since: string } | null {
  if (status.reason !== null) return { why: word("reason", status.reason), advice: word("advice", status.reason), since: status.since };
  const picture = fault(status);
  if (picture === null) return null;
  return { why: word("picture", picture), advice: word("pictureAdvice", picture), since: status.picture_since ?? status.since };
}
