import { useEffect, useRef, useState } from "preact/hooks";
import { exportEvents, type FileForm } from "../../api/events";
import { problemText, t } from "../../i18n";
import { settle } from "../../store/session";
import { language } from "../../store/settings";
import { Icon } from "../../ui/icon";
import { Popover } from "../../ui/popover";
import { Progress } from "../../ui/progress";
import { save } from "../../ui/save";
import { toast } from "../../ui/toast";

const FORMS: readonly FileForm[] = ["xlsx", "csv"];

/** The events of a search, or those picked, as a file; the hub writes down who took it and why. */
export function ExportButton({ query }: { query: URLSearchParams }) {
  return (
    <Popover
      label={t("export")}
      button={
        <>
          <Icon name="export" />
          <span class="wide-word">{t("export")}</span>
        </>
      }
      buttonLabel={t("export")}
    >
      {(close) => <Export query={query} done={close} />}
    </Popover>
  );
}

function Export({ query, done }: { query: URLSearchParams; done: () => void }) {
  const [state, setState] = useState<{ bytes: number; of: number | null } | null>(null);
  const stop = useRef<AbortController | null>(null);
  useEffect(() => () => stop.current?.abort(), []);

  async function take(form: FileForm): Promise<void> {
    const work = new AbortController();
    stop.current = work;
    setState({ bytes: 0, of: null });
    const asked = new URLSearchParams(query);
    asked.set("format", form);
    asked.set("language", language.peek());
    try {
      const file = await exportEvents(asked, (bytes, of) => setState({ bytes, of }), work.signal);
      save(file.blob, file.name);
      toast(t(file.cut ? "export.cut" : "export.done", { n: file.rows }), { tone: file.cut ? "plain" : "ok" });
      done();
    } catch (err) {
      if (!work.signal.aborted) toast(t("export.failed", { why: problemText(settle(err)) }), { tone: "bad" });
      setState(null);
    }
  }

  if (state !== null)
    return (
      <Progress
        label={t(state.bytes === 0 ? "export.preparing" : "export.loading")}
        value={state.of === null ? undefined : state.bytes}
        max={state.of ?? 1}
        onCancel={() => {
          stop.current?.abort();
          setState(null);
        }}
      />
    );
  return (
    <div class="exporting">
      {FORMS.map((one) => (
        <button key={one} type="button" onClick={() => void take(one)}>
          {t(`export.${one}`)}
        </button>
      ))}
      <p class="muted small">{t("export.hint")}</p>
    </div>
  );
}
