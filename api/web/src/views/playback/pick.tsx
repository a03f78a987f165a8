import { useMemo, useState } from "preact/hooks";
import type { Camera } from "../../api/types";
import { t } from "../../i18n";
import { matches } from "../../store/camerarows";
import { MOST_CAMERAS } from "../../store/playsession";
import { Popover } from "../../ui/popover";
import { Icon } from "../../ui/icon";

interface Props {
  all: readonly Camera[];
  chosen: readonly string[];
  onChange: (ids: string[]) => void;
  most?: number;
}

const FEW = 40;

/** Which cameras play together. */
export function Pick({ all, chosen, onChange, most = MOST_CAMERAS }: Props) {
  const [text, setText] = useState("");
  const found = useMemo(() => {
    const fitting = all.filter((one) => matches(one, text));
    return [...fitting.filter((one) => chosen.includes(one.id)), ...fitting.filter((one) => !chosen.includes(one.id))];
  }, [all, text]);
  const toggle = (id: string): void => {
    if (chosen.includes(id)) onChange(chosen.filter((one) => one !== id));
    else onChange([...chosen, id].slice(-most));
  };
  return (
    <Popover
      label={t("play.cameras")}
      buttonClass="play-pick"
      button={
        <>
          <Icon name="cameras" /> {chosen.length === 0 ? t("play.pick") : t("play.picked", { n: chosen.length })}
        </>
      }
    >
      {() => (
        <div class="play-choices">
          <input
            type="search"
            autofocus
            maxLength={64}
            placeholder={t("live.search")}
            aria-label={t("live.search")}
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
          <ul>
            {found.slice(0, FEW).map((one) => (
              <li key={one.id}>
                <label class="check">
                  <input type="checkbox" checked={chosen.includes(one.id)} onChange={() => toggle(one.id)} />
                  <span>
                    <bdi>{one.name}</bdi> <span class="muted small">{one.village_name}</span>
                  </span>
                </label>
              </li>
            ))}
          </ul>
          <p class="muted small">
            {found.length === 0 ? t("live.noMatch") : found.length > FEW ? t("play.more", { n: found.length - FEW }) : t("play.most", { n: most })}
          </p>
        </div>
      )}
    </Popover>
  );
}
