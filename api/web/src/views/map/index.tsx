import { t } from "../../i18n";
import { Notice } from "../../ui/notice";

export const MapView = () => <Notice title={t("nav.map")} />;
