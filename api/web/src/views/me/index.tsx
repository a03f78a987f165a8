import { t } from "../../i18n";
import { Notice } from "../../ui/notice";

export const Me = () => <Notice title={t("nav.me")} />;
