import type { ComponentChildren } from "preact";
import { type Health as Facts, REASONS, STATES } from "../../api/types";
import { faultText, t, word } from "../../i18n";
import { stamp } from "../../i18n/time";
import { Notice } from "../../ui/notice";

/** The hub's own parts: what is wrong with it, cameras by state, disk, database, workers. */
export function Parts({ now }: { now: Facts }) {
  return (
    <>
      {now.faults.length === 0 ? (
        <Notice title={t("health.ok")} />
      ) : (
        <ul class="faults">
          {now.faults.map((fault) => (
            <li key={fault.code + JSON.stringify(fault.params)}>
              <i class="dot dot-bad" /> {faultText(fault)} <span class="muted time">{stamp(fault.since)}</span>
            </li>
          ))}
        </ul>
      )}
      <div class="tiles">
        <Cameras now={now} />
        <System now={now} />
      </div>
      <Workers now={now} />
      <p class="muted small">{t("health.version", { version: now.version, at: stamp(now.started_at) })}</p>
    </>
  );
}

function Cameras({ now }: { now: Facts }) {
  return (
    <div class="panel">
      <h2>{t("nav.cameras")}</h2>
      <dl class="figures">
        {STATES.filter((one) => now.cameras[one]).map((one) => (
          <Figure key={one} name={word("state", one)}>
            {now.cameras[one]}
          </Figure>
        ))}
        {REASONS.filter((one) => now.reasons[one]).map((one) => (
          <Figure key={one} name={`— ${word("reason", one)}`}>
            {now.reasons[one]}
          </Figure>
        ))}
      </dl>
    </div>
  );
}

const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`;

function System({ now }: { now: Facts }) {
  return (
    <div class="panel">
      <h2>{t("health.parts")}</h2>
      <dl class="figures">
        <Figure name={t("health.database")}>
          <Up ok={now.database.ok} /> {now.database.kind}
          {now.database.latency_ms !== null && <span class="muted"> {now.database.latency_ms.toFixed(1)} ms</span>}
        </Figure>
        <Figure name={t("health.channel")}>
          <Up ok={now.channel.ok} /> {now.channel.kind}{" "}
          <span class="muted">{t("health.waiting", { n: now.channel.waiting })}</span>
        </Figure>
        <Figure name={t("health.disk")}>{gigabytes(now.disk.free_bytes)}</Figure>
        <Figure name={t("health.pictures")}>
          {gigabytes(now.disk.used_bytes)} <span class="muted">/ {gigabytes(now.disk.quota_bytes)}</span>
        </Figure>
        <Figure name={t("health.stored")}>
          {now.events.stored}
          {now.events.refused > 0 && <span class="muted"> {t("health.refused", { n: now.events.refused })}</span>}
        </Figure>
      </dl>
    </div>
  );
}

function Workers({ now }: { now: Facts }) {
  return (
    <div class="panel">
      <h2>{t("health.workers")}</h2>
      <div class="scroll" tabIndex={0} role="region" aria-label={t("health.workers")}>
        <table>
          <thead>
            <tr>
              {(["slot", "state", "cameras", "frames", "detector", "cpu", "memory", "restarts"] as const).map((one) => (
                <th key={one} scope="col">
                  {t(`worker.${one}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {now.workers.map((one) => (
              <tr key={one.slot}>
                <td>{one.slot}</td>
                <td>
                  <Up ok={one.state === "running"} /> {word("workerState", one.state)}
                </td>
                <td>
                  {one.live}/{one.cameras}
                </td>
                <td>{one.frames_per_s.toFixed(1)}</td>
                <td>{one.detector_per_s.toFixed(1)}</td>
                <td>{Math.round(one.cpu_share * 100)}%</td>
                <td>{Math.round(one.memory_mb)} MB</td>
                <td>{one.restarts}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

const Up = ({ ok }: { ok: boolean }) => <i class={`dot dot-${ok ? "ok" : "bad"}`} role="img" aria-label={t(ok ? "up" : "down")} />;

function Figure({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
