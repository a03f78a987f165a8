import { listUnits } from "../../api/admin";
import { t, word } from "../../i18n";
import { useAsked } from "../../store/asked";
import { places } from "../../store/cameras";
import { session } from "../../store/session";
import "../../styles/people.css";
import "../../styles/upkeep.css";
import { NameForm } from "./name";
import { PasswordForm } from "./password";
import { Sessions } from "./sessions";
import { Tokens } from "./tokens";
import { TwoFactors } from "./twofactors";

/** What is one's own: name, password, where one is signed in, tokens of one's programs. */
export function Me() {
  const user = session.value?.user;
  const { value: units } = useAsked(listUnits);
  if (!user) return null;
  const granted = units?.filter((one) => user.units.includes(one.id)) ?? [];
  const seen = [...user.grants.map((code) => places.value.get(code)?.name ?? code), ...granted.map((one) => one.name)];
  return (
    <section class="me" aria-label={t("nav.me")}>
      <div class="panel">
        <h2>{t("me.profile")}</h2>
        <NameForm user={user} />
        <dl class="figures">
          {(
            [
              ["me.signinName", user.name],
              ["me.role", word("role", user.role)],
              ["me.unit", user.unit || "—"],
              ["me.places", seen.join("、") || "—"],
            ] as const
          ).map(([key, value]) => (
            <div key={key}>
              <dt>{t(key)}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        <p class="muted small">{t("me.byAdmin")}</p>
      </div>
      <div class="panel">
        <h2>{t("me.password")}</h2>
        <PasswordForm name={user.name} />
      </div>
      <TwoFactors />
      <Sessions />
      <Tokens />
    </section>
  );
}
