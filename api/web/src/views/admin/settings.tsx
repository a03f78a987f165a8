import { listSettings, type Setting } from "../../api/upkeep";
import { t, word } from "../../i18n";
import { useAsked } from "../../store/asked";
import "../../styles/upkeep.css";
import { Unread } from "../../ui/notice";

/** What a setting means in the page's language; one newer than the page in the hub's own words. */
function doc(setting: Setting): string {
  const said = word("settingDoc", setting.name);
  return said === setting.name ? setting.doc : said;
}

/** The settings in force, to read: what each means, what it is, who set it; of secrets only whether they are set. */
export function SettingsPage() {
  const { value: list, problem, again } = useAsked(listSettings);
  return (
    <div class="panel settings-list">
      <h2>{t("settings.title")}</h2>
      <p class="muted">{t("settings.means")}</p>
      {list ? (
        <table>
          <thead>
            <tr>
              <th scope="col">{t("settings.name")}</th>
              <th scope="col">{t("settings.value")}</th>
              <th scope="col">{t("settings.origin")}</th>
            </tr>
          </thead>
          <tbody>
            {list.map((one) => (
              <tr key={one.name}>
                <td>
                  <code>{one.name}</code>
                  <p>{doc(one)}</p>
                </td>
                <td>
                  {!one.is_set ? (
                    <span class="muted">{t("settings.unset")}</span>
                  ) : one.secret ? (
                    t("settings.set")
                  ) : (
                    <code>{one.value}</code>
                  )}
                </td>
                <td>
                  <span class={one.origin === "default" ? "muted" : "tag"}>{word("origin", one.origin)}</span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : (
        <Unread problem={problem} retry={again} />
      )}
    </div>
  );
}
