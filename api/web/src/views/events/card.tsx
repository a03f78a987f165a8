import { Component } from "preact";
import type { HubEvent } from "../../api/types";
import { t, word } from "../../i18n";
import { stamp } from "../../i18n/time";
import { Picture } from "./picture";

interface Props {
  event: HubEvent;
  link: string;
  language: string;
}

/** The rule as its scene names it; the built-in rules bear their id for a name and get the kind's word. */
export const ruleName = (event: HubEvent): string =>
  event.rule_name && event.rule_name !== event.rule_id ? event.rule_name : word("rule", event.kind);

export const percent = (score: number): string => `${Math.round(score * 100)}%`;

/** One event of the grid; drawn again only when its revision, link or the language changed. */
export class Card extends Component<Props> {
  override shouldComponentUpdate(next: Props): boolean {
    return next.event !== this.props.event || next.link !== this.props.link || next.language !== this.props.language;
  }

  override render({ event, link }: Props) {
    return (
      <a class="card" href={link} data-event={event.id}>
        <Picture event={event} />
        {event.ended_at === null && <span class="ongoing">{t("event.ongoing")}</span>}
        <span class="card-what">
          <strong>{word("label", event.label)}</strong>
          {event.kind !== "unknown_moving" && <span class="score">{percent(event.score)}</span>}
          <span class="card-rule">{ruleName(event)}</span>
        </span>
        <span class="card-where">
          {event.camera_name} <span class="muted">{event.village_name}</span>
        </span>
        <time class="time" dateTime={event.started_at}>
          {stamp(event.started_at)}
        </time>
      </a>
    );
  }
}
