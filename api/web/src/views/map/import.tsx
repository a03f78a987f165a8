import { useEffect, useState } from "preact/hooks";
import type { Problem } from "../../api/client";
import { type Survey, survey, type SurveyStep } from "../../api/map";
import { type Datum, DATUMS } from "../../api/register";
import { t, word } from "../../i18n";
import { places } from "../../store/cameras";
import { settle } from "../../store/session";
import { Dialog } from "../../ui/dialog";
import { Field } from "../../ui/field";
import { Wrong } from "../../ui/formend";
import { Progress } from "../../ui/progress";
import { toast } from "../../ui/toast";

const MOST_BYTES = 5 * 2 ** 20;
const MOST_SHOWN = 200;

interface Props {
  code: string;
  onClose: () => void;
  done: () => void;
}

/** A GeoJSON file is tried first; what it would add, change and not be taken for is told before anything is drawn. */
export function ImportDialog({ code, onClose, done }: Props) {
  const [document, setDocument] = useState<unknown>(null);
  const [datum, setDatum] = useState<Datum>("wgs84");
  const [tried, setTried] = useState<Survey | null>(null);
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState("");
  const [failed, setFailed] = useState<Problem | null>(null);

  // Whichever of the two is changed, what is told is of both as they are now.
  useEffect(() => {
    if (document === null) return undefined;
    const stop = new AbortController();
    survey(code, document, datum, false, stop.signal).then(setTried, (err: unknown) => !stop.signal.aborted && setFailed(settle(err)));
    return () => stop.abort();
  }, [document, datum]);

  const trying = document !== null && tried === null && failed === null;
  /** What was told is not of what is chosen now. */
  function forget(): void {
    setTried(null);
    setFailed(null);
    setWrong("");
  }

  async function apply(): Promise<void> {
    setBusy(true);
    setFailed(null);
    try {
      const { added, changed, refused } = await survey(code, document, datum, true);
      toast(t("geojson.done", { added, changed, refused }), { tone: "ok" });
      done();
      onClose();
    } catch (err) {
      setFailed(settle(err));
      setBusy(false);
    }
  }

  async function choose(file: File | undefined): Promise<void> {
    forget();
    setDocument(null);
    if (!file) return;
    if (file.size > MOST_BYTES) {
      setWrong(t("geojson.large"));
      return;
    }
    try {
      setDocument(JSON.parse(await file.text()));
    } catch {
      setWrong(t("geojson.notJson"));
    }
  }

  const useful = (tried?.added ?? 0) + (tried?.changed ?? 0);
  return (
    <Dialog label={t("geojson.title", { place: places.value.get(code)?.name ?? code })} onClose={onClose} wide>
      <div class="import">
        <p class="muted">{t("geojson.how")}</p>
        <div class="fields">
          <Field label={t("geojson.file")} error={wrong}>
            {(wired) => (
              <input
                {...wired}
                type="file"
                accept=".geojson,.json,application/geo+json,application/json"
                onChange={(event) => void choose(event.currentTarget.files?.[0])}
              />
            )}
          </Field>
          <Field label={t("geojson.datum")} hint={t("geojson.datum.hint")}>
            {(wired) => (
              <select
                {...wired}
                value={datum}
                onChange={(event) => {
                  forget();
                  setDatum(DATUMS.find((one) => one === event.currentTarget.value) ?? "wgs84");
                }}
              >
                {DATUMS.map((one) => (
                  <option key={one} value={one}>
                    {t(`geojson.datum.${one}`)}
                  </option>
                ))}
              </select>
            )}
          </Field>
        </div>
        {(busy || trying) && <Progress label={t("geojson.busy")} />}
        <Wrong problem={failed} />
        {tried && <Found tried={tried} />}
        <div class="row">
          <button
            type="button"
            class="primary"
            disabled={busy || useful === 0}
            onClick={() => void apply()}
          >
            {t("geojson.apply", { n: useful })}
          </button>
          <button type="button" onClick={onClose}>
            {t("cancel")}
          </button>
        </div>
      </div>
    </Dialog>
  );
}

function Found({ tried }: { tried: Survey }) {
  const shown = [...tried.steps].sort((a, b) => weight(a) - weight(b) || a.index - b.index).slice(0, MOST_SHOWN);
  return (
    <>
      <p role="status">
        {t("geojson.found", { added: tried.added, changed: tried.changed, same: tried.unchanged, refused: tried.refused })}
      </p>
      <div class="table scroll import-table">
        <table>
          <thead>
            <tr>
              <th class="number">{t("geojson.index")}</th>
              <th>{t("geojson.what")}</th>
              <th>{t("ground.name")}</th>
              <th>{t("geojson.place")}</th>
              <th>{t("geojson.result")}</th>
            </tr>
          </thead>
          <tbody>
            {shown.map((one) => (
              <tr key={one.index}>
                <td class="number">{one.index + 1}</td>
                <td>{one.what && t(`ground.${one.what}`)}</td>
                <td class="wrap">{one.name}</td>
                <td>{one.place_code && (places.value.get(one.place_code)?.name ?? one.place_code)}</td>
                <td class="wrap">
                  <span class={TAGS[one.action]}>{t(`geojson.${one.action}`)}</span>{" "}
                  {one.reason && <span title={one.hint}>{word("survey", one.reason)}</span>}
                  {one.doubts.map((doubt) => (
                    <span key={doubt} class="doubt">
                      {word("doubt", doubt)}
                    </span>
                  ))}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {tried.steps.length > MOST_SHOWN && <p class="muted small">{t("geojson.cut", { n: tried.steps.length - MOST_SHOWN })}</p>}
    </>
  );
}

const TAGS = { add: "tag tag-ok", change: "tag tag-wait", same: "tag", refuse: "tag tag-bad" };

/** What needs a look comes first. */
const weight = (step: SurveyStep): number => (step.action === "refuse" ? 0 : step.doubts.length > 0 ? 1 : step.action === "same" ? 3 : 2);
