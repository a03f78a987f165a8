/** Trying a stream out: its steps as they happen, what was measured, and what to set on the camera. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { Problem } from "../../api/client";
import { type Measured, type Report, type Step, STEPS, type TrialLine } from "../../api/register";
import { t, word } from "../../i18n";
import { settle } from "../../store/session";
import { Wrong } from "../../ui/formend";
import { Icon } from "../../ui/icon";
import { Progress } from "../../ui/progress";
import { codecName } from "./codec";

export interface Trial {
  steps: Step[];
  share: number;
  stream: Measured | null;
  report: Report | null;
  problem: Problem | null;
  running: boolean;
}

const FRESH: Trial = { steps: [], share: 0, stream: null, report: null, problem: null, running: false };

type Order = (each: (line: TrialLine) => void, signal: AbortSignal) => Promise<void>;

/** Runs one trial at a time; leaving the view ends it, and the hub lets go of the camera. */
export function useTrial(done?: (report: Report) => void): [Trial, (order: Order) => Promise<void>, () => void] {
  const [trial, setTrial] = useState<Trial>(FRESH);
  const stop = useRef<AbortController | null>(null);
  const cancel = (): void => {
    stop.current?.abort();
    setTrial((was) => ({ ...was, running: false }));
  };
  useEffect(() => () => stop.current?.abort(), []);

  async function run(order: Order): Promise<void> {
    stop.current?.abort();
    const mine = new AbortController();
    stop.current = mine;
    setTrial({ ...FRESH, running: true });
    const each = (line: TrialLine): void => {
      if (mine.signal.aborted) return;
      if ("step" in line) setTrial((was) => ({ ...was, steps: [...was.steps, line.step] }));
      else if ("progress" in line) setTrial((was) => ({ ...was, ...line.progress }));
      else if ("report" in line) {
        setTrial((was) => ({ ...was, steps: line.report.steps, stream: line.report.stream, report: line.report }));
        done?.(line.report);
      }
    };
    try {
      await order(each, mine.signal);
      if (!mine.signal.aborted) setTrial((was) => ({ ...was, running: false }));
    } catch (err) {
      if (mine.signal.aborted) return;
      setTrial((was) => ({ ...was, running: false, problem: null }));
      const problem = settle(err);
      setTrial((was) => ({ ...was, problem }));
    }
  }
  return [trial, run, cancel];
}

export function TrialView({ trial, cancel }: { trial: Trial; cancel: () => void }) {
  const { steps, stream, report, problem, running, share } = trial;
  if (!running && steps.length === 0 && problem === null) return null;
  const told = new Map(steps.map((one) => [one.name, one]));
  const current = running ? STEPS.find((one) => !told.has(one)) : undefined;
  return (
    <div class="trial">
      {running && (
        <Progress
          label={t(current ? `step.${current}` : "trial.running")}
          value={current === "measure" ? share : undefined}
          onCancel={cancel}
        />
      )}
      <ol class="steps" aria-live="polite">
        {STEPS.map((name) => (
          <StepLine key={name} name={name} step={told.get(name)} running={name === current} />
        ))}
      </ol>
      <Wrong problem={problem} />
      {stream && <MeasuredFacts stream={stream} offset={report?.clock_offset_ms ?? null} />}
      {report?.ok && <AdviceList report={report} />}
    </div>
  );
}

function StepLine({ name, step, running }: { name: Step["name"]; step: Step | undefined; running: boolean }) {
  const state = running ? "running" : step === undefined || step.ok === null ? "open" : step.ok ? "ok" : "bad";
  return (
    <li class={`step step-${state}`}>
      <span class="step-mark">
        {state === "ok" && <Icon name="check" />}
        {state === "bad" && <Icon name="warning" />}
        {(state === "open" || state === "running") && <i class={running ? "dot dot-wait" : "dot"} />}
      </span>
      <span>
        <strong>{t(`step.${name}`)}</strong>{" "}
        <span class="muted">{t(`step.is.${state}`)}</span>
        {step?.ok === false && step.code !== null && (
          <span class="step-why">
            {word("trial", step.code)} <span class="muted">{word("trialDo", step.code)}</span>
          </span>
        )}
        {name === "clock" && step?.ok === null && step.code !== null && <span class="muted small"> {t("step.clock.silent")}</span>}
      </span>
    </li>
  );
}

function MeasuredFacts({ stream, offset }: { stream: Measured; offset: number | null }) {
  const facts: [string, string][] = [
    [t("measure.codec"), codecName(stream.codec)],
    [t("measure.size"), `${stream.width}×${stream.height}`],
    [t("measure.fps"), `${stream.fps} fps`],
    [t("measure.gop"), stream.gop_s === null ? "–" : `${stream.gop_s} s${stream.gop_even ? "" : ` · ${t("measure.uneven")}`}`],
    [t("measure.rate"), `${Math.round(stream.kbits)} kbit/s`],
  ];
  if (offset !== null) facts.push([t("measure.clock"), t(offset < 0 ? "fact.cameraClock.slow" : "fact.cameraClock.fast", { n: Math.abs(offset / 1000).toFixed(1) })]);
  return (
    <dl class="measured">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function AdviceList({ report }: { report: Report }) {
  if (report.advice.length === 0)
    return (
      <p class="trial-good" role="status">
        <Icon name="check" /> {t("trial.good")}
      </p>
    );
  return (
    <div class="hint" role="status">
      <strong>{t("trial.advice")}</strong>
      <ul class="dashes">
        {report.advice.map((one) => (
          <li key={one.code}>{word("setting", one.code)}</li>
        ))}
      </ul>
    </div>
  );
}
