import { t } from "../../i18n";
import { Notice } from "../../ui/notice";

export const Alerts = () => <Notice title={t("nav.alerts")} />;
