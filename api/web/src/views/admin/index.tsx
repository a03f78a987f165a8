import { t } from "../../i18n";
import { Notice } from "../../ui/notice";

export const Admin = () => <Notice title={t("nav.admin")} />;
