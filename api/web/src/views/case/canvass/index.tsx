import { useState } from "preact/hooks";
import { addEntry, type Candidate, type Entry, type ClipLink, readCanvass, readUploads } from "../../../api/canvass";
import { t, word } from "../../../i18n";
import { useAsked } from "../../../store/asked";
import { Notice, Stale, Unread } from "../../../ui/notice";
import type { StepProps } from "../steps";
import { Add } from "./add";
import { Ask } from "./ask";
import { Card } from "./card";
import { Link } from "./link";
import { ListMap } from "./listmap";
import { Sent } from "./sent";
import { Told } from "./told";

type Shown = { what: "add" } | { what: "ask" | "told"; entry: Entry } | { what: "link"; entry: Entry; link: ClipLink };

/** Whom to ask, in which order, and what they sent. */
export function Canvass({ of }: StepProps) {
  const { value, problem, again, act, once, busy } = useAsked((until) => readCanvass(of.id, until), [of.id]);
  const sent = useAsked((until) => readUploads(of.id, until), [of.id]);
  const [shown, setShown] = useState<Shown | null>(null);
  const close = (): void => setShown(null);
  const done = (): void => {
    close();
    again();
  };
  const both = (): void => {
    again();
    sent.again();
  };
  if (value === null) return <Unread problem={problem} retry={again} />;
  return (
    <div class="canvass">
      <section class="canvass-list" aria-label={t("canvass.list")}>
        <div class="row">
          <h2>{t("canvass.list")}</h2>
          <span class="muted small">{t("canvass.order")}</span>
          <span class="grow" />
          <button type="button" class="quiet" onClick={both}>
            {t("canvass.again")}
          </button>
          <button type="button" class="primary" onClick={() => setShown({ what: "add" })}>
            {t("canvass.add")}
          </button>
        </div>
        {problem && <Stale problem={problem} />}
        {value.entries.length === 0 && <Notice title={t("canvass.none")}>{t("canvass.none.how")}</Notice>}
        {value.entries.some((one) => one.lat !== null) && <ListMap of={of} entries={value.entries} />}
        <ul class="cards">
          {value.entries.map((one, at) => (
            <li key={one.id} class={one.state === "none" || one.state === "declined" ? "case-card case-over" : "case-card"}>
              <Card
                of={of}
                one={one}
                no={at + 1}
                act={act}
                once={once}
                busy={busy}
                ask={() => setShown({ what: "ask", entry: one })}
                told={() => setShown({ what: "told", entry: one })}
                linked={(link) => setShown({ what: "link", entry: one, link })}
                days={value.link_days}
              />
            </li>
          ))}
        </ul>
        {value.candidates.length > 0 && (
          <Candidates those={value.candidates} busy={busy} add={(one) => void once(() => addEntry(of.id, { camera_id: one.camera_id }))} />
        )}
      </section>
      <Sent of={of} asked={sent} changed={again} />
      {shown?.what === "add" && <Add of={of} onClose={close} done={done} />}
      {shown?.what === "told" && <Told of={of} one={shown.entry} onClose={close} done={done} again={again} />}
      {shown?.what === "ask" && (
        <Ask
          of={of}
          one={shown.entry}
          most={value.link_days}
          onClose={close}
          done={(link) => {
            setShown({ what: "link", entry: shown.entry, link });
            again();
          }}
        />
      )}
      {shown?.what === "link" && <Link of={of} name={shown.entry.name} link={shown.link} onClose={close} />}
    </div>
  );
}

/** Cameras of others in the case's places that nobody put on the list yet, the nearest first. */
function Candidates({ those, busy, add }: { those: readonly Candidate[]; busy: boolean; add: (one: Candidate) => void }) {
  return (
    <details class="panel" open={those.length <= 8}>
      <summary>
        <strong>{t("canvass.candidates", { n: those.length })}</strong> {those[0]!.distance_m !== null && <span class="muted small">{t("canvass.candidates.means")}</span>}
      </summary>
      <ul class="canvass-candidates">
        {those.map((one) => (
          <li key={one.camera_id} class="row">
            <bdi>{one.name}</bdi>
            <span class="muted small">
              {word("kind", one.kind)} · {one.village_name}
              {one.distance_m !== null && ` · ${t("canvass.far", { n: one.distance_m })}`}
            </span>
            <span class={one.asks === "clip" ? "tag tag-ok" : "tag"}>{t(`canvass.asks.${one.asks}`)}</span>
            <span class="grow" />
            <button type="button" class="small-button" disabled={busy} onClick={() => add(one)}>
              {t("canvass.take")}
            </button>
          </li>
        ))}
      </ul>
    </details>
  );
}
