import { useState } from "preact/hooks";
import { listScreens, showOn, type WallScreen } from "../../api/walls";
import type { Camera } from "../../api/types";
import { problemText, t } from "../../i18n";
import { clock } from "../../i18n/time";
import { useAsked } from "../../store/asked";
import { become, standing, takeOver } from "../../store/screen";
import { settle } from "../../store/session";
import { screenName } from "../../store/settings";
import { Dialog } from "../../ui/dialog";
import { Notice, Stale, Unread } from "../../ui/notice";
import { toast } from "../../ui/toast";

/** Makes this browser a screen of the room, or none any more. */
export function ScreenDialog({ onClose }: { onClose: () => void }) {
  const [name, setName] = useState(screenName.value);
  const is = screenName.value !== "";
  return (
    <Dialog label={t("screen")} onClose={onClose}>
      <form
        class="subform"
        onSubmit={(event) => {
          event.preventDefault();
          become(name.trim());
          onClose();
        }}
      >
        <p class="muted">{t("screen.hint")}</p>
        {standing.value === "taken" && (
          <Notice tone="warn" title={t("screen.taken", { name: screenName.value })} action={{ label: t("screen.takeOver"), run: takeOver }}>
            {t("screen.taken.do")}
          </Notice>
        )}
        <label class="field">
          <span>{t("screen.name")}</span>
          <input
            required
            autofocus
            maxLength={32}
            placeholder={t("screen.name.example")}
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </label>
        <div class="row">
          <button type="submit" class="primary" disabled={name.trim() === "" || name.trim() === screenName.value}>
            {t("screen.become")}
          </button>
          {is && (
            <button
              type="button"
              onClick={() => {
                become("");
                onClose();
              }}
            >
              {t("screen.leave")}
            </button>
          )}
        </div>
      </form>
    </Dialog>
  );
}

/** Sends a camera to one of the screens that are on. */
export function PushDialog({ camera, onClose }: { camera: Camera; onClose: () => void }) {
  const { value: screens, problem, again } = useAsked(listScreens);
  const [busy, setBusy] = useState(false);
  async function push(to: WallScreen): Promise<void> {
    setBusy(true);
    try {
      await showOn(to.name, camera.id, null);
      toast(t("screen.pushed", { name: camera.name, screen: to.name }), { tone: "ok" });
      onClose();
    } catch (err) {
      toast(problemText(settle(err)), { tone: "bad" });
      setBusy(false);
      again();
    }
  }
  return (
    <Dialog label={`${t("screen.push")} · ${camera.name}`} onClose={onClose}>
      {screens === null ? (
        <Unread problem={problem} retry={again} />
      ) : (
        <>
          {problem && <Stale problem={problem} />}
          {screens.length === 0 && <Notice title={t("screen.none")}>{t("screen.none.do")}</Notice>}
          <ul class="choices">
            {screens.map((one) => (
              <li key={one.name}>
                <button type="button" class="choice" disabled={busy} onClick={() => void push(one)}>
                  <strong>{one.name}</strong>
                  <span class="muted small">{t("screen.since", { by: one.user, at: clock(one.since) })}</span>
                </button>
              </li>
            ))}
          </ul>
        </>
      )}
    </Dialog>
  );
}
