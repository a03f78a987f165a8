import { t } from "../../i18n";
import { Icon } from "../../ui/icon";
import { Clock } from "./clock";
import { Round } from "./round";

/** What stays of the page where the wall has all of the window: the time, the round, and the way back. */
export const Bare = ({ leave }: { leave: () => void }) => (
  <div class="wall-over">
    <Clock />
    <Round />
    <button type="button" class="quiet icon-button" aria-label={t("wall.bare.leave")} onClick={leave}>
      <Icon name="close" />
    </button>
  </div>
);
