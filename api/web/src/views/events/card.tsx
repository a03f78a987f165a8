import { Component } from "preact";
import type { HubEvent } from "../../api/types";
import { t, word } from "../../i18n";
import { stamp } from "../../i18n/time";
import { Icon } from "../../ui/icon";
import { Picture } from "./picture";

export interface ItemProps {
  event: HubEvent;
  link: string;
  language: string;
  picked: boolean;
  /** Picks it or lets it go; with Shift, all up to it. */
  pick: (id: string, range: boolean) => void;
}

/** The rule as its scene names it; the built-in rules bear their id for a name and get the kind's word. */
export const ruleName = (event: HubEvent): string =>
  event.rule_name && event.rule_name !== event.rule_id ? event.rule_name : word("rule", event.kind);

export const percent = (score: number): string => `${Math.round(score * 100)}%`;

/** What people said of it. */
export function Said({ event }: { event: HubEvent }) {
  if (!event.mark) return null;
  const { verdict, note } = event.mark;
  return (
    <>
      {verdict && (
        <span class={`tag ${verdict === "useful" ? "tag-ok" : "tag-false"}`}>
          {word("verdict", verdict)}
        </span>
      )}
      {note && (
        <span class="said-note" title={note}>
          <Icon name="note" />
        </span>
      )}
    </>
  );
}

export const PickBox = ({ event, picked, pick }: Pick<ItemProps, "event" | "picked" | "pick">) => (
  <input
    type="checkbox"
    class="pick-box"
    checked={picked}
    aria-label={t("pick", { what: word("label", event.label), at: stamp(event.started_at) })}
    onClick={(press) => pick(event.id, press.shiftKey)}
  />
);

/** An item is drawn again only when its event, link, choice or the language changed. */
export abstract class Item extends Component<ItemProps> {
  override shouldComponentUpdate(next: ItemProps): boolean {
    const now = this.props;
    return (
      next.event !== now.event || next.link !== now.link || next.language !== now.language || next.picked !== now.picked
    );
  }
}

/** One event of the grid. */
export class Card extends Item {
  override render({ event, link, picked, pick }: ItemProps) {
    return (
      <article
        class={`card${picked ? " card-picked" : ""}${event.mark?.verdict === "false" ? " card-false" : ""}`}
        data-event={event.id}
        data-camera={event.camera_id}
      >
        <Picture event={event} />
        {event.ended_at === null && <span class="ongoing">{t("event.ongoing")}</span>}
        <span class="card-what">
          <a class="card-link" href={link}>
            <strong>{word("label", event.label)}</strong>
          </a>
          {event.kind !== "unknown_moving" && <span class="score">{percent(event.score)}</span>}
          <Said event={event} />
          <span class="card-rule">{ruleName(event)}</span>
        </span>
        <span class="card-where">
          {event.camera_name} <span class="muted">{event.village_name}</span>
        </span>
        <time class="time" dateTime={event.started_at}>
          {stamp(event.started_at)}
        </time>
        <PickBox event={event} picked={picked} pick={pick} />
      </article>
    );
  }
}

/** One event of the table. */
export class Line extends Item {
  override render({ event, link, picked, pick }: ItemProps) {
    return (
      <tr
        class={event.mark?.verdict === "false" ? "line card-false" : "line"}
        aria-selected={picked}
        data-event={event.id}
        data-camera={event.camera_id}
      >
        <td class="line-pick">
          <PickBox event={event} picked={picked} pick={pick} />
        </td>
        <td class="line-picture">
          <Picture event={event} />
        </td>
        <td class="time">
          <time dateTime={event.started_at}>{stamp(event.started_at)}</time>
        </td>
        <td>
          <a class="card-link" href={link}>
            {word("label", event.label)}
          </a>{" "}
          {event.ended_at === null && <span class="ongoing-word">{t("event.ongoing")}</span>}
        </td>
        <td class="number">{event.kind === "unknown_moving" ? "" : percent(event.score)}</td>
        <td>{event.camera_name}</td>
        <td>{event.village_name}</td>
        <td>{ruleName(event)}</td>
        <td class="line-said">
          <Said event={event} /> <span class="muted">{event.mark?.note}</span>
        </td>
      </tr>
    );
  }
}
