import { useState } from "preact/hooks";
import { type Passer, type ClueMap, decide, type Hop, type Hops, type SightingLink, putLink, readClueMap, readHops, type Sighting } from "../../../api/pursuit";
import { t, unwatched, word } from "../../../i18n";
import { clock, stamp } from "../../../i18n/time";
import { useAsked } from "../../../store/asked";
import { Notice, Stale, Unread } from "../../../ui/notice";
import { calledOf, Direction, GroupChips, type Shared, spoken, Thumb, WayPick } from "./parts";

const MINUTES = [10, 20, 30, 60, 120] as const;

export const named = (one: Sighting): string =>
  `${one.no} · ${stamp(one.at)} · ${one.camera_name}${one.upload ? ` · ${t("bookmark.upload")}` : one.label || one.thing.startsWith("motion:") ? ` · ${calledOf(one)}` : ""}`;

/** Before and after a sighting: when it should have passed each camera around, who did, and what chance alone would show. */
export function Around({ of, groups, setGroups, way, setWay }: Shared) {
  const [backwards, setBackwards] = useState(false);
  const [minutes, setMinutes] = useState<number>(20);
  const [chosen, choose] = useState<string | null>(null);
  const map = useAsked((until) => readClueMap(of.id, { way: "foot", since: "", until: "", group: [] }, until), [of.id]);
  const seen = map.value?.sightings ?? [];
  if (map.value === null) return <Unread problem={map.problem} retry={map.again} />;
  const from = (seen.find((one) => one.thing === chosen) ?? seen.at(-1))?.thing;
  if (from === undefined) return <Notice title={t("track.noSighting")}>{t("track.noSighting.how")}</Notice>;
  return (
    <section class="track-hops" aria-label={t("track.hops")}>
      <div class="toolbar">
        <label class="track-pick">
          {t("track.from")}
          <select value={from} onChange={(event) => choose(event.currentTarget.value)}>
            {seen.map((one) => (
              <option key={one.thing} value={one.thing}>
                {named(one)}
              </option>
            ))}
          </select>
        </label>
        <div class="chips" role="group" aria-label={t("track.direction")}>
          <button type="button" class="chip" aria-pressed={!backwards} onClick={() => setBackwards(false)}>
            {t("track.forwards")}
          </button>
          <button type="button" class="chip" aria-pressed={backwards} onClick={() => setBackwards(true)}>
            {t("track.backwards")}
          </button>
        </div>
        <WayPick way={way} setWay={setWay} />
        <label class="track-pick">
          {t("track.within")}
          <select value={minutes} onChange={(event) => setMinutes(Number(event.currentTarget.value))}>
            {MINUTES.map((one) => (
              <option key={one} value={one}>
                {t("track.minutes", { n: one })}
              </option>
            ))}
          </select>
        </label>
        <GroupChips groups={groups} setGroups={setGroups} />
      </div>
      {/* A link makes the other end a sighting, at times the last: what one looks from stays. */}
      <Windows id={of.id} map={map.value} stay={() => choose(from)} linked={map.again} asked={{ sighting: from, way, backwards, minutes, group: groups }} />
    </section>
  );
}

type Asked = Parameters<typeof readHops>[1];

function Windows({ id, map, stay, linked, asked }: { id: string; map: ClueMap; stay: () => void; linked: () => void; asked: Asked }) {
  const on = [id, asked.sighting, asked.way, asked.backwards, asked.minutes, asked.group];
  const { value, problem, again, once, busy } = useAsked((until) => readHops(id, asked, until), on);
  if (value === null) return <Unread problem={problem} retry={again} />;
  // While another question is under way the old answer stands, and says what it was asked.
  const started: Hops = value;
  const linkOf = (thing: string): SightingLink | undefined => {
    const [from, to] = started.backwards ? [thing, started.sighting.thing] : [started.sighting.thing, thing];
    return map.links.find((one) => one.from_thing === from && one.to_thing === to);
  };
  async function tie(one: Passer, state: SightingLink["state"]): Promise<void> {
    // Before the hub is asked: who looks from another by then is left there.
    stay();
    await once(async () => {
      if (one.decision !== "star") await decide(id, one.thing, "star", one.revision);
      const [from, to] = started.backwards ? [one.thing, started.sighting.thing] : [started.sighting.thing, one.thing];
      await putLink(id, from, to, state, asked.way, linkOf(one.thing)?.revision ?? 0);
    });
    linked();
  }
  return (
    <>
      {problem && <Stale problem={problem} />}
      {started.hops.length === 0 && <Notice title={t("track.noHops")}>{t("track.noHops.how")}</Notice>}
      <ol class="track-around">
        {started.hops.map((one) => (
          <li key={one.camera_id} class={`panel track-hop track-hop-${one.verdict}`}>
            <HopHead hop={one} backwards={started.backwards} />
            <div class="track-thumbs track-thumbs-row">
              {one.passers.map((each) => (
                <HopPasser key={each.thing} one={each} link={linkOf(each.thing)} busy={busy} tie={(state) => void tie(each, state)} />
              ))}
              {one.found > one.passers.length && <p class="muted small">{t("track.further", { n: one.found - one.passers.length })}</p>}
            </div>
          </li>
        ))}
      </ol>
      <p class="muted small">
        {started.more > 0 && `${t("track.moreCameras", { n: started.more })} `}
        {started.unreachable > 0 && `${t("track.unreachable", { n: started.unreachable })} `}
        {started.beyond > 0 && t("track.beyond", { n: started.beyond })}
      </p>
    </>
  );
}

function HopHead({ hop, backwards }: { hop: Hop; backwards: boolean }) {
  const tone = { seen: "tag-wait", none: "tag-ok", unknown: "tag-bad" }[hop.verdict];
  return (
    <div class="track-hop-head">
      <h3>
        {hop.entrances.length > 0 ? `${hop.entrances.join(" · ")} ` : ""}
        <span class={hop.entrances.length > 0 ? "muted" : ""}>{hop.camera_name}</span>
      </h3>
      <span class="muted">
        {t(hop.how === "straight" ? "track.metresAbout" : "track.metres", { n: Math.round(hop.metres) })}
        {hop.next && ` · ${t("track.next")}`}
      </span>
      <span>
        {t(backwards ? "track.was" : "track.is")}{" "}
        <time dateTime={hop.since}>{stamp(hop.since).slice(5)}</time> – <time dateTime={hop.until}>{clock(hop.until)}</time>
      </span>
      <span class={`tag ${tone}`}>{t(hop.mute && hop.verdict === "none" ? "track.verdict.still" : `track.verdict.${hop.verdict}`, { n: hop.found })}</span>
      <span class="muted">{hop.mute ? t("track.mute") : hop.by_chance === null ? t("track.noChance") : t("track.chance", { n: hop.by_chance.toFixed(1) })}</span>
      {hop.noisy_s > 0 && <span class="tag tag-bad">{t("track.noisy", { for: unwatched(hop.noisy_s) })}</span>}
      {hop.unwatched_s > 0 && <span class="tag tag-bad">{t("track.unwatched", { for: unwatched(hop.unwatched_s) })}</span>}
      {hop.dropped > 0 && <span class="tag">{t("track.dropped", { n: hop.dropped })}</span>}
    </div>
  );
}

function HopPasser({ one, link, busy, tie }: { one: Passer; link: SightingLink | undefined; busy: boolean; tie: (state: SightingLink["state"]) => void }) {
  const state = link && link.state !== "withdrawn" ? link.state : null;
  return (
    <figure class={`track-thumb track-${one.decision}`} aria-label={spoken(one)}>
      <Thumb one={one} />
      <figcaption>
        <time dateTime={one.at}>{stamp(one.at).slice(11)}</time> {calledOf(one)} <Direction one={one} />
        <span class="row desk-only">
          {state === null && (
            <button type="button" disabled={busy} onClick={() => tie("possible")}>
              {t("track.link.possible")}
            </button>
          )}
          {state !== "confirmed" && (
            <button type="button" disabled={busy} onClick={() => tie("confirmed")}>
              {t("track.link.confirm")}
            </button>
          )}
          {state !== null && (
            <button type="button" class="quiet" disabled={busy} onClick={() => tie("withdrawn")}>
              {t("track.link.withdraw")}
            </button>
          )}
        </span>
        {state && <span class="tag tag-ok">{word("linkState", state)}</span>}
      </figcaption>
    </figure>
  );
}
