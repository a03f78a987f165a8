import { span, t, word } from "../../i18n";
import { stamp } from "../../i18n/time";
import type { PlaySession } from "../../store/playsession";
import type { Played } from "./tile";

const MOST = 200;

/** The gaps in sight as a table, for reading and for the keyboard; a press goes there. */
export function GapTable({ session, cameras }: { session: PlaySession; cameras: readonly Played[] }) {
  const view = session.view.value;
  const rows = session.footage.value.flatMap((one, n) =>
    (one?.gaps ?? []).filter((gap) => gap.to > view.from && gap.from < view.to).map((gap) => ({ ...gap, camera: cameras[n]! })),
  );
  const shown = rows.sort((a, b) => b.from - a.from).slice(0, MOST);
  return (
    <details class="panel play-gaps">
      <summary>{t("gaps.inSight", { n: rows.length })}</summary>
      {shown.length === 0 ? (
        <p class="muted">{t("gaps.none")}</p>
      ) : (
        <div class="table" role="region" aria-label={t("gaps.title")} tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t("gaps.camera")}</th>
                <th scope="col">{t("gaps.from")}</th>
                <th scope="col">{t("gaps.length")}</th>
                <th scope="col">{t("gaps.cause")}</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((one) => (
                <tr key={`${one.camera.id} ${one.from}`}>
                  <td>
                    <bdi>{one.camera.name}</bdi>
                  </td>
                  <td class="time">
                    <button type="button" class="quiet small-button" onClick={() => session.seek(one.from - 5_000)}>
                      {stamp(one.from)}
                    </button>
                  </td>
                  <td class="time">{span(one.to - one.from)}</td>
                  <td>{word("gap", one.cause)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </details>
  );
}
