import type { ComponentChildren } from "preact";
import { listMarks, type Patrol, type PatrolCamera, type PatrolMark, patrolName, personName, VERDICTS } from "../../api/patrols";
import { span, t, word } from "../../i18n";
import { stamp } from "../../i18n/time";
import { useAsked } from "../../store/asked";
import { href } from "../../store/route";
import { purpose } from "../../store/session";
import { Icon } from "../../ui/icon";
import { Unread } from "../../ui/notice";
import { percent } from "./rate";

/** What a patrol came to, as a sheet to be read, printed and filed. */
export function Sheet({ patrol }: { patrol: Patrol }) {
  const { value: marks, problem, again } = useAsked(
    (until) => (purpose.value === null ? Promise.resolve([]) : listMarks(patrol.id, until)),
    [patrol.id, purpose.value?.id],
  );
  // They come newest first, and the newest of a camera counts.
  const newest = new Map([...(marks ?? [])].reverse().map((one) => [one.camera_id, one]));
  const missed = patrol.cameras.filter((one) => one.marked === null);
  return (
    <article class="sheet" aria-label={t("sheet.title")}>
      <div class="row sheet-tools">
        <a class="back" href={href("patrol", undefined, "history")}>
          <Icon name="left" /> {t("patrol.part.history")}
        </a>
        <span class="grow" />
        <button type="button" onClick={() => print()}>
          <Icon name="print" /> {t("sheet.print")}
        </button>
      </div>
      <h1>{t("sheet.title")}</h1>
      <dl class="sheet-facts">
        <Fact name={t("sheet.plan")}>{patrolName(patrol)}</Fact>
        <Fact name={t("sheet.person")}>{personName(patrol.user)}</Fact>
        <Fact name={t("sheet.time")}>
          <span class="time">
            {stamp(patrol.started_at)} – {patrol.ended_at ? stamp(patrol.ended_at) : t("patrol.running")}
          </span>{" "}
          {patrol.ended_at && <span class="muted">{span(Date.parse(patrol.ended_at) - Date.parse(patrol.started_at))}</span>}
        </Fact>
        <Fact name={t("sheet.rate")}>
          <b>{percent(patrol.rate)}</b> <span class="muted">{t("patrol.done", { n: patrol.done, of: patrol.due })}</span>
        </Fact>
        {VERDICTS.map((one) => (
          <Fact key={one} name={word("patrolVerdict", one)}>
            {patrol.cameras.filter((camera) => camera.marked === one).length}
          </Fact>
        ))}
      </dl>
      {patrol.handover && (
        <section>
          <h2>{t("patrol.handover")}</h2>
          <p class="sheet-note">{patrol.handover}</p>
        </section>
      )}
      <section>
        <h2>{t("sheet.marks")}</h2>
        {purpose.value === null ? (
          <p class="hint sheet-tools">{t("sheet.needs")}</p>
        ) : (
          marks === null && <Unread problem={problem} retry={again} />
        )}
        <Marks cameras={patrol.cameras.filter((one) => one.marked !== null)} newest={newest} />
      </section>
      {missed.length > 0 && (
        <section>
          <h2>{t("sheet.missed", { n: missed.length })}</h2>
          <p>{missed.map((one) => one.name).join(t("list.comma"))}</p>
        </section>
      )}
      <p class="sheet-sign">{t("sheet.sign")}</p>
    </article>
  );
}

interface MarksProps {
  cameras: readonly PatrolCamera[];
  /** The newest mark of each camera, with note and picture: read under a purpose only. */
  newest: ReadonlyMap<string, PatrolMark>;
}

const Marks = ({ cameras, newest }: MarksProps) => (
  <div class="table">
    <table>
      <thead>
        <tr>
          <th>{t("sheet.at")}</th>
          <th>{t("sheet.camera")}</th>
          <th>{t("sheet.verdict")}</th>
          <th>{t("patrol.note")}</th>
          <th>{t("sheet.picture")}</th>
        </tr>
      </thead>
      <tbody>
        {cameras.map((one) => {
          const mark = newest.get(one.camera_id);
          return (
            <tr key={one.camera_id}>
              <td class="time">{one.marked_at && stamp(one.marked_at).slice(11)}</td>
              <td>
                {one.name} <span class="muted small">{one.village_name}</span>
              </td>
              <td>{one.marked && <span class={`tag patrol-${one.marked}`}>{word("patrolVerdict", one.marked)}</span>}</td>
              <td class="sheet-said">{mark?.note}</td>
              <td>{mark?.snapshot_url && <img loading="lazy" src={mark.snapshot_url} alt="" width="128" height="72" />}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  </div>
);

function Fact({ name, children }: { name: string; children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
