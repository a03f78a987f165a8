import { useEffect, useState } from "preact/hooks";
import { type Delivery, type DeliveryState, listDeliveries } from "../../api/alerts";
import type { Problem } from "../../api/client";
import { t, word } from "../../i18n";
import { stamp } from "../../i18n/time";
import { settle } from "../../store/session";
import { Notice, Stale, Unread } from "../../ui/notice";

const PAGE = 200;
const TONES: Record<DeliveryState, string> = {
  shown: "ok",
  sent: "ok",
  pending: "wait",
  failed: "bad",
  withdrawn: "idle",
  dropped: "idle",
};

/** What was told to whom, and how it went. */
export function Deliveries() {
  const [lines, setLines] = useState<Delivery[] | null>(null);
  const [whole, setWhole] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);

  async function read(before?: string): Promise<void> {
    try {
      const page = await listDeliveries(before);
      setLines([...(before ? (lines ?? []) : []), ...page]);
      setWhole(page.length < PAGE);
      setProblem(null);
    } catch (err) {
      setProblem(settle(err));
    }
  }
  useEffect(() => void read(), []);

  if (lines === null) return <Unread problem={problem} retry={() => void read()} />;
  if (lines.length === 0) return <Notice title={t("alerts.log.none")} />;
  return (
    <>
      {problem && <Stale problem={problem} />}
      <div class="table scroll">
        <table>
          <thead>
            <tr>
              {(["at", "rule", "camera", "count", "target", "state"] as const).map((one) => (
                <th key={one} scope="col">
                  {t(`delivery.${one}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {lines.map((one) => (
              <tr key={one.id}>
                <td class="time">{stamp(one.created_at)}</td>
                <td>{one.rule_name}</td>
                <td>{one.camera_name}</td>
                <td class="number">{one.events}</td>
                <td>
                  {one.target ?? t("alerts.to.page")} <span class="muted">{one.host}</span>
                </td>
                <td>
                  <i class={`dot dot-${TONES[one.state]}`} /> {word("deliveryState", one.state)}
                  {one.attempts > 1 && <span class="muted"> {t("delivery.attempts", { n: one.attempts })}</span>}
                  {one.error && <span class="muted"> {one.error}</span>}
                  {one.next_at && one.attempts > 0 && <span class="muted"> {t("delivery.next", { at: stamp(one.next_at) })}</span>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {!whole && (
        <div class="more">
          <button type="button" onClick={() => void read(lines.at(-1)?.id)}>
            {t("events.more")}
          </button>
        </div>
      )}
    </>
  );
}
