import { useState } from "preact/hooks";
import { MOST_CELLS, MOST_DAYS, type MotionSearch } from "../../../../api/motion";
import { t } from "../../../../i18n";
import { parseClock, parseLocal } from "../../../../i18n/time";
import { Field } from "../../../../ui/field";
import { Segments } from "../../../../ui/tabs";

const DAY = 86_400_000;

export type When = Omit<MotionSearch, "cameras" | "limit">;

interface Props {
  from: string;
  to: string;
  busy: boolean;
  /** Nothing is chosen yet. */
  blank: boolean;
  onAsk: (when: When) => void;
}

const minutes = (clock: string): number => Number(clock.slice(0, 2)) * 60 + Number(clock.slice(3));

/** When to look, in which hours, and how much has to move. */
export function Asking({ from: first, to: last, busy, blank, onAsk }: Props) {
  const [from, setFrom] = useState(first);
  const [to, setTo] = useState(last);
  const [night, setNight] = useState(["", ""]);
  const [least, setLeast] = useState(1);
  const [noisy, setNoisy] = useState(false);
  const [order, setOrder] = useState<When["order"]>("rare");
  const [since, until] = [parseLocal(from), parseLocal(to)];
  const [begin, end] = night.map((one) => (one.trim() === "" ? null : parseClock(one)));
  const one = night.map((text) => text.trim() === "");
  const wrongWindow = since && until && (until <= since || until.getTime() - since.getTime() > MOST_DAYS * DAY);
  const wrongHours = one[0] !== one[1] || (!one[0] && (begin == null || end == null || begin === end));
  function ask(): void {
    onAsk({
      from: since!.toISOString(),
      to: until!.toISOString(),
      from_minute: begin ? minutes(begin) : null,
      to_minute: end ? minutes(end) : null,
      least_cells: least,
      noisy,
      order,
    });
  }
  return (
    <form
      class="motion-asking"
      onSubmit={(event) => {
        event.preventDefault();
        ask();
      }}
    >
      <div class="row">
        <Field label={t("motion.from")} error={since === null ? t("motion.wrongTime") : null}>
          {(wired) => <input {...wired} class="time" value={from} maxLength={19} onInput={(event) => setFrom(event.currentTarget.value)} />}
        </Field>
        <Field label={t("motion.to")} error={until === null ? t("motion.wrongTime") : wrongWindow ? t("motion.window", { n: MOST_DAYS }) : null}>
          {(wired) => <input {...wired} class="time" value={to} maxLength={19} onInput={(event) => setTo(event.currentTarget.value)} />}
        </Field>
        <Field label={t("motion.hoursFrom")} error={wrongHours ? t("motion.wrongHours") : null}>
          {(wired) => (
            <input {...wired} class="clock" placeholder="20:00" value={night[0]} maxLength={5} onInput={(event) => setNight([event.currentTarget.value, night[1]!])} />
          )}
        </Field>
        <Field label={t("motion.hoursTo")}>
          {(wired) => (
            <input {...wired} class="clock" placeholder="06:00" value={night[1]} maxLength={5} onInput={(event) => setNight([night[0]!, event.currentTarget.value])} />
          )}
        </Field>
      </div>
      <div class="row">
        <Field label={t("motion.least", { n: least })}>
          {(wired) => <input {...wired} type="range" min={1} max={MOST_CELLS} value={least} onInput={(event) => setLeast(Number(event.currentTarget.value))} />}
        </Field>
        <Segments
          label={t("motion.order")}
          value={order}
          options={[
            { value: "rare", label: t("motion.order.rare") },
            { value: "time", label: t("motion.order.time") },
          ]}
          onChange={setOrder}
        />
        <label class="check">
          <input type="checkbox" checked={noisy} onChange={(event) => setNoisy(event.currentTarget.checked)} />
          <span title={t("motion.noisy.means")}>{t("motion.noisy.do")}</span>
        </label>
        <span class="grow" />
        <button type="submit" class="primary" disabled={busy || blank || !since || !until || Boolean(wrongWindow) || wrongHours}>
          {t(busy ? "motion.searching" : "motion.search")}
        </button>
      </div>
    </form>
  );
}
