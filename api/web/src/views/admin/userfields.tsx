import type { Unit } from "../../api/admin";
import { type Role, ROLES, type User } from "../../api/types";
import { t, word } from "../../i18n";
import { parseLocal, stamp } from "../../i18n/time";
import { Field } from "../../ui/field";

/** `trained`, `pledged`: days as the fields hold them, empty where none is on record. */
export interface UserDraft {
  display_name: string;
  unit: string;
  role: Role;
  station: string;
  team: string;
  trained: string;
  pledged: string;
}

const day = (at: string | null): string => (at ? stamp(at).slice(0, 10) : "");

export const drafted = (user: User): UserDraft => ({
  display_name: user.display_name,
  unit: user.unit,
  role: user.role,
  station: user.station ?? "",
  team: user.team ?? "",
  trained: day(user.trained_at),
  pledged: day(user.pledged_at),
});

/** The draft as the hub takes it: its beginning is the moment of a day. */
export const asBody = ({ trained, pledged, station, team, ...rest }: UserDraft) => ({
  ...rest,
  station: station || null,
  team: team || null,
  trained_at: parseLocal(trained)?.toISOString() ?? null,
  pledged_at: parseLocal(pledged)?.toISOString() ?? null,
});

interface Props {
  draft: UserDraft;
  units: readonly Unit[];
  change: (part: Partial<UserDraft>) => void;
}

/** What a user is called, where he serves, what he may do, and what he holds. */
export function UserFields({ draft, units, change }: Props) {
  const today = stamp(Date.now()).slice(0, 10);
  const serves = (one: "station" | "team") => (
    <Field label={t(`user.${one}`)}>
      {(wired) => (
        <select {...wired} value={draft[one]} onChange={(event) => change({ [one]: event.currentTarget.value })}>
          <option value="">{t("user.serves.none")}</option>
          {units
            .filter((unit) => (unit.kind === "station") === (one === "station"))
            .map((unit) => (
              <option key={unit.id} value={unit.id}>
                {unitName(unit, units)}
              </option>
            ))}
        </select>
      )}
    </Field>
  );
  const held = (one: "trained" | "pledged") => (
    <Field label={t(`user.${one}`)} hint={t("user.held.hint")}>
      {(wired) => (
        <input
          {...wired}
          type="date"
          max={today}
          value={draft[one]}
          onInput={(event) => change({ [one]: event.currentTarget.value })}
        />
      )}
    </Field>
  );
  return (
    <div class="fields">
      <Field label={t("user.displayName")}>
        {(wired) => (
          <input
            {...wired}
            maxLength={64}
            value={draft.display_name}
            onInput={(event) => change({ display_name: event.currentTarget.value })}
          />
        )}
      </Field>
      <Field label={t("user.unit")} hint={t("user.unit.hint")}>
        {(wired) => (
          <input {...wired} maxLength={64} value={draft.unit} onInput={(event) => change({ unit: event.currentTarget.value })} />
        )}
      </Field>
      <Field label={t("user.role")} hint={word("roleMeans", draft.role)}>
        {(wired) => (
          <select
            {...wired}
            value={draft.role}
            onChange={(event) => change({ role: ROLES.find((one) => one === event.currentTarget.value) ?? draft.role })}
          >
            {ROLES.map((one) => (
              <option key={one} value={one}>
                {word("role", one)}
              </option>
            ))}
          </select>
        )}
      </Field>
      {serves("station")}
      {serves("team")}
      {held("trained")}
      {held("pledged")}
    </div>
  );
}

/** A unit with those above it: 二中队 三小组 */
export function unitName(unit: Unit, units: readonly Unit[]): string {
  const above = units.find((one) => one.id === unit.parent_id);
  return above ? `${unitName(above, units)} ${unit.name}` : unit.name;
}
