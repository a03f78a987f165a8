import { t } from "../../i18n";
import { Notice } from "../../ui/notice";

export const Live = () => <Notice title={t("nav.live")} />;
