import type { ComponentChildren, ComponentType } from "preact";
import type { Permission } from "../../api/types";
import { type Key, t } from "../../i18n";
import { go, href, route } from "../../store/route";
import { may } from "../../store/session";
import { Lazy } from "../../ui/lazy";
import { Notice } from "../../ui/notice";
import { Tabs } from "../../ui/tabs";
import "../../styles/admin.css";
import "../../styles/people.css";
import { Roles } from "./roles";
import { Units } from "./units";
import { Users } from "./users";
import { Villages } from "./villages";

const assessments = async (): Promise<ComponentType> => (await import("./assessments")).AssessmentsPage;
const settings = async (): Promise<ComponentType> => (await import("./settings")).SettingsPage;

const PARTS: { value: string; label: Key; needs: Permission; show: () => ComponentChildren }[] = [
  { value: "villages", label: "admin.villages", needs: "manage_places", show: () => <Villages /> },
  { value: "users", label: "admin.users", needs: "manage_users", show: () => <Users /> },
  { value: "units", label: "admin.units", needs: "manage_users", show: () => <Units /> },
  { value: "roles", label: "admin.roles", needs: "manage_users", show: () => <Roles /> },
  { value: "assessments", label: "assessments", needs: "manage_users", show: () => <Lazy load={assessments} /> },
  { value: "settings", label: "admin.settings", needs: "configure", show: () => <Lazy load={settings} /> },
];

/** What an administrator looks after, one part at a time; each part has a right of its own. */
export function Admin() {
  const parts = PARTS.filter((one) => may(one.needs));
  const part = parts.find((one) => one.value === route.value.path[0]) ?? parts[0];
  if (!part) return <Notice title={t("nothingAllowed")} />;
  return (
    <Tabs
      label={t("nav.admin")}
      value={part.value}
      options={parts.map(({ value, label }) => ({ value, label: t(label) }))}
      onChange={(value) => go(href("admin", undefined, value))}
    >
      {part.show()}
    </Tabs>
  );
}
