import { t } from "../i18n";
import { Dialog } from "./dialog";
import { type Binding, shownLayers } from "./keys";

const FACES: Record<string, string> = {
  arrowdown: "↓",
  arrowup: "↑",
  arrowleft: "←",
  arrowright: "→",
  escape: "Esc",
  enter: "Enter",
  shift: "Shift",
};

const face = (key: string): string => FACES[key] ?? key.toUpperCase();

/** Every key that does something on the view one came from. */
export function KeySheet({ onClose }: { onClose: () => void }) {
  return (
    <Dialog label={t("keys")} onClose={onClose}>
      <div class="keysheet">
        {shownLayers().map((layer) => (
          <section key={layer.title}>
            <h3>{layer.title}</h3>
            <dl>
              {layer.bindings.filter((one) => one.label).map((one) => (
                <Row key={one.label} binding={one} />
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}

const Row = ({ binding }: { binding: Binding }) => (
  <div>
    <dt>
      {binding.keys.map((keys) => (
        <span key={keys} class="keys">
          {keys.split(/[ +]/).map((key) => (
            <kbd key={key}>{face(key)}</kbd>
          ))}
        </span>
      ))}
    </dt>
    <dd>{binding.label}</dd>
  </div>
);
