import { useState } from "preact/hooks";
import { addBookmark } from "../../../../api/bookmarks";
import type { Comparing, MotionAnswer, MotionCamera, MotionChange, MotionChanges, MotionHit, Region, UnwatchedSpan, WatchedPart } from "../../../../api/motion";
import { listed, problemText, span, t, unwatched, word } from "../../../../i18n";
import { stamp } from "../../../../i18n/time";
import { Problem } from "../../../../api/client";
import type { Case } from "../../../../api/types";
import { href } from "../../../../store/route";
import { may } from "../../../../store/session";
import { Dialog } from "../../../../ui/dialog";
import { Notice } from "../../../../ui/notice";
import { Progress } from "../../../../ui/progress";
import { toast } from "../../../../ui/toast";
import { BookmarkForm } from "../../../bookmarks/form";
import { Beside } from "./beside";
import { arranged, keyOf } from "./order";

const BEFORE_MS = 5_000;
const MOST_REASONS = 3;
const MOST_SPANS = 30;

const MOST_ROWS = 200;
const MOST_PICTURES = 30;

interface Props {
  of: Case;
  answer: MotionAnswer;
  /** null: not compared yet. */
  changes: MotionChanges | Comparing | Problem | null;
  /** The order asked for is kept: what changed is marked, and stays where it is. */
  byTime: boolean;
  regions: readonly Region[];
  name: (camera: string) => string;
}

/** What was found, and plainly how much of it anybody watched. */
export function Hits({ of, answer, changes, byTime, regions, name }: Props) {
  const [kept, setKept] = useState<MotionHit | null>(null);
  const known = changes !== null && "changes" in changes ? changes : null;
  const told = new Map(known?.changes.map((one) => [keyOf(one), one]));
  const all = byTime || !known ? answer.hits : arranged(answer.hits, known.changes);
  const rows = all.slice(0, MOST_ROWS);
  const pictured = new Set(rows.filter((one) => told.get(keyOf(one))?.state === "changed").slice(0, MOST_PICTURES).map(keyOf));
  return (
    <section class="motion-answer" aria-label={t("motion.found")}>
      <p role="status">
        {t(answer.total > rows.length ? "motion.count.some" : "motion.count", { n: answer.total, shown: rows.length })}
      </p>
      {answer.hits.length > 0 && <Compared of={changes} byTime={byTime} name={name} />}
      <ul class="motion-cameras">
        {answer.cameras.map((one) => (
          <li key={one.camera_id}>
            <Camera of={one} name={name(one.camera_id)} />
          </li>
        ))}
      </ul>
      {answer.hits.length === 0 ? (
        <Notice title={t("motion.none")}>{t(whole(answer) ? "motion.none.means" : "motion.none.unwatched")}</Notice>
      ) : (
        <table class="table motion-hits">
          <thead>
            <tr>
              <th scope="col">{t("motion.when")}</th>
              <th scope="col">{t("motion.camera")}</th>
              <th scope="col" class="number">
                {t("motion.lasts")}
              </th>
              <th scope="col" class="number">
                {t("motion.cells")}
              </th>
              <th scope="col">{t("motion.usual")}</th>
              <th scope="col">{t("motion.after")}</th>
              <th scope="col">{t("motion.event")}</th>
              <th scope="col" />
            </tr>
          </thead>
          <tbody>
            {rows.map((one) => (
              <tr key={`${one.camera_id} ${one.from}`}>
                <td class="time">{stamp(one.from)}</td>
                <td>{name(one.camera_id)}</td>
                <td class="number">{span(Date.parse(one.to) - Date.parse(one.from))}</td>
                <td class="number">{one.cells}</td>
                <td class="muted">{usual(one)}</td>
                <td>
                  <After
                    of={told.get(keyOf(one))}
                    region={pictured.has(keyOf(one)) ? regions.find(({ camera_id }) => camera_id === one.camera_id) : undefined}
                  />
                </td>
                <td>{one.event && <span class="tag">{word("label", one.event.label)}</span>}</td>
                <td>
                  <a class="button" href={play(one)} aria-label={t("motion.playOf", { name: name(one.camera_id), at: stamp(one.from) })}>
                    {t("motion.play")}
                  </a>{" "}
                  {may("work_cases") && (
                    <button type="button" class="desk-only" onClick={() => setKept(one)}>
                      {t("bookmark.add")}
                    </button>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {kept && <Keep of={of} one={kept} onClose={() => setKept(null)} />}
    </section>
  );
}

/** A moment of motion kept: what made no event comes onto the trail so. */
function Keep({ of, one, onClose }: { of: Case; one: MotionHit; onClose: () => void }) {
  return (
    <Dialog label={t("bookmark.add")} onClose={onClose}>
      <p class="muted small">{t("bookmark.add.means")}</p>
      <BookmarkForm
        was={{ kind: "lead", confidence: "possible", note: t("motion.note", { from: stamp(one.from), to: stamp(one.to), n: one.cells }) }}
        label={t("bookmark.add")}
        keep={(saying) => addBookmark(of.id, { camera_id: one.camera_id, at: one.from, stream: "sub" }, saying)}
        done={() => {
          onClose();
          toast(t("bookmark.kept"), { tone: "ok" });
        }}
        cancel={onClose}
      />
    </Dialog>
  );
}

/** How the comparing stands: under way, what it found, or why it could not be done. The hits are there all the while. */
function Compared({ of, byTime, name }: { of: MotionChanges | Comparing | Problem | null; byTime: boolean; name: (camera: string) => string }) {
  if (of instanceof Problem) return <p class="small motion-note">{t("motion.after.failed", { why: problemText(of) })}</p>;
  if (of === null || "done" in of) return <Progress label={t("motion.after.busy")} {...(of && { value: of.done, max: of.total, detail: `${of.done} / ${of.total}` })} />;
  const n = of.changes.filter((one) => one.state === "changed").length;
  const unknown = of.changes.filter((one) => one.state === "unknown").length;
  return (
    <p class="small" role="status">
      {unknown < of.changes.length && t(n === 0 ? "motion.after.none" : byTime ? "motion.after.marked" : "motion.after.first", { n })}{" "}
      {unknown > 0 && <span class="muted">{t("motion.after.unknowns", { n: unknown })}</span>}
      {of.refused.map((one) => (
        <span key={one.camera_id} class="muted">
          {" "}
          {name(one.camera_id)}: {problemText(new Problem(403, one.refused, one.refused))}
        </span>
      ))}
    </p>
  );
}

/** Whether the place looked different after a hit, with the two pictures where they were asked for. */
function After({ of, region }: { of: MotionChange | undefined; region: Region | undefined }) {
  if (!of) return null;
  if (of.state !== "changed") return <span class="muted small">{of.state === "same" ? t("motion.after.same") : word("after", of.why ?? "few")}</span>;
  return (
    <>
      <span class="tag tag-wait">{t("motion.after.changed")}</span>
      {region && of.before && of.after && <Beside before={of.before} after={of.after} outline={region.outline} />}
    </>
  );
}

/** Nothing was left out: all cells, all of the time. */
const whole = (answer: MotionAnswer): boolean =>
  answer.cameras.every((one) => one.refused === null && one.watched.watched_s === one.watched.wanted_s && one.dark === 0 && one.noisy === 0);

const play = (one: MotionHit): string =>
  href("playback", new URLSearchParams({ cameras: one.camera_id, at: new Date(Date.parse(one.from) - BEFORE_MS).toISOString() }));

function usual(one: MotionHit): string {
  if (one.usual === null) return t("motion.usual.unknown");
  if (one.usual < 0.001) return t("motion.usual.never");
  return t("motion.usual.share", { n: one.usual < 0.01 ? "<1" : Math.round(one.usual * 100) });
}

function Camera({ of, name }: { of: MotionCamera; name: string }) {
  if (of.refused !== null)
    return (
      <>
        <strong>{name}</strong> <span class="error">{problemText(new Problem(403, of.refused, of.refused))}</span>
      </>
    );
  const notes = [
    of.dark > 0 && t(of.dark === of.cells ? "motion.dark.all" : "motion.dark", { n: of.dark, of: of.cells }),
    of.noisy > 0 && t("motion.noisy", { n: of.noisy, of: of.cells }),
    of.watched.thin_s > 0 && t("motion.thin", { span: span(of.watched.thin_s * 1000) }),
    ...of.watched.turns.map((one) => t(one.what === "view" ? "motion.turned" : "motion.scene", { at: stamp(one.at) })),
  ].filter(Boolean);
  return (
    <>
      <strong>{name}</strong> <Share of={of.watched} /> <span class="muted">{t("motion.hits", { n: of.hits })}</span>
      {of.watched.unwatched.length > 0 && (
        <details>
          <summary class="small">{reasons(of.watched)}</summary>
          <ul class="small">
            {longest(of.watched).map((one) => (
              <li key={one.from}>
                <span class="time">
                  {stamp(one.from)} – {stamp(one.to)}
                </span>{" "}
                {word("unwatched", one.reason)}
              </li>
            ))}
            {of.watched.unwatched.length > MOST_SPANS && <li class="muted">{t("motion.moreSpans", { n: of.watched.unwatched.length - MOST_SPANS })}</li>}
          </ul>
        </details>
      )}
      {notes.map((one) => (
        <p key={String(one)} class="small motion-note">
          {one}
        </p>
      ))}
    </>
  );
}

/** Down, not to the nearest: 100 % is said of what was watched throughout. */
function Share({ of }: { of: WatchedPart }) {
  const share = of.wanted_s === 0 ? 0 : Math.floor((of.watched_s / of.wanted_s) * 1000) / 10;
  return <span class={share === 100 ? "tag tag-ok" : share >= 90 ? "tag tag-wait" : "tag tag-bad"}>{t("motion.watched", { n: share })}</span>;
}

/** The longest stretches, in order of time. */
function longest(part: WatchedPart): UnwatchedSpan[] {
  const length = (one: UnwatchedSpan): number => Date.parse(one.to) - Date.parse(one.from);
  const some = new Set([...part.unwatched].sort((a, b) => length(b) - length(a)).slice(0, MOST_SPANS));
  return part.unwatched.filter((one) => some.has(one));
}

function reasons(part: WatchedPart): string {
  const told = Object.entries(part.reasons).map(([why, s]) => `${word("unwatched", why)} ${unwatched(s)}`);
  return t("motion.unwatched", { span: unwatched(part.wanted_s - part.watched_s), why: listed(told.slice(0, MOST_REASONS)) });
}
