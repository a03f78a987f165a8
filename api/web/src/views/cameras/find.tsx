import { useEffect, useRef, useState } from "preact/hooks";
import type { Problem } from "../../api/client";
import { findDevices, type FoundBox } from "../../api/register";
import { t } from "../../i18n";
import { cameras } from "../../store/cameras";
import { href } from "../../store/route";
import { settle } from "../../store/session";
import { Icon } from "../../ui/icon";
import { Failed, Notice } from "../../ui/notice";
import { Progress } from "../../ui/progress";

const SECONDS = 6;

interface Search {
  running: boolean;
  found: FoundBox[];
  /** The hub's own addresses it searched from; null until it is done. */
  searched: string[] | null;
  problem: Problem | null;
}

/** The boxes that answer WS-Discovery in the hub's own networks. */
export function Find() {
  const [search, setSearch] = useState<Search>({ running: false, found: [], searched: null, problem: null });
  const [gone, setGone] = useState(0);
  const stop = useRef<AbortController | null>(null);

  async function begin(): Promise<void> {
    stop.current?.abort();
    const mine = new AbortController();
    stop.current = mine;
    setSearch({ running: true, found: [], searched: null, problem: null });
    setGone(0);
    const tick = setInterval(() => setGone((was) => Math.min(SECONDS, was + 0.5)), 500);
    try {
      await findDevices(
        SECONDS,
        (line) => {
          if ("found" in line) setSearch((was) => ({ ...was, found: [...was.found, line.found] }));
          else if ("done" in line) setSearch((was) => ({ ...was, searched: line.done.searched }));
        },
        mine.signal,
      );
    } catch (err) {
      if (!mine.signal.aborted) {
        const problem = settle(err);
        setSearch((was) => ({ ...was, problem }));
      }
    } finally {
      clearInterval(tick);
      if (stop.current === mine) setSearch((was) => ({ ...was, running: false }));
    }
  }
  useEffect(() => {
    void begin();
    return () => stop.current?.abort();
  }, []);

  const { running, found, searched, problem } = search;
  return (
    <section class="find" aria-label={t("cameras.find")}>
      <div class="row">
        <a class="button quiet icon-button" href={href("cameras")} aria-label={t("one.back")} title={t("one.back")}>
          <Icon name="left" />
        </a>
        <h1>{t("cameras.find")}</h1>
        <span class="grow" />
        {!running && (
          <button type="button" onClick={() => void begin()}>
            {t("find.again")}
          </button>
        )}
      </div>
      <p class="muted">{t("find.means")}</p>
      {running && <Progress label={t("find.running", { n: found.length })} value={gone} max={SECONDS} onCancel={() => stop.current?.abort()} />}
      {problem && <Failed problem={problem} retry={() => void begin()} />}
      {!running && !problem && found.length === 0 && searched !== null && (
        <Notice title={t(searched.length === 0 ? "find.noNetwork" : "find.none")}>{t("find.none.do")}</Notice>
      )}
      <ul class="found-list">
        {found.map((one) => (
          <FoundLine key={`${one.host}:${one.port}`} box={one} />
        ))}
      </ul>
      {searched !== null && searched.length > 0 && <p class="muted small">{t("find.searched", { from: searched.join(", ") })}</p>}
    </section>
  );
}

function FoundLine({ box }: { box: FoundBox }) {
  const known = box.known_device_id;
  const camera = known === null ? undefined : cameras.value?.find((one) => one.device_id === known);
  const query = new URLSearchParams({ host: box.host, port: String(box.port), name: box.name, model: box.hardware });
  return (
    <li class="panel found">
      <div>
        <strong>
          <bdi>{box.name || box.hardware || box.host}</bdi>
        </strong>{" "}
        {known !== null && <span class="tag tag-ok">{t("find.known")}</span>}
        <p class="small muted">
          <bdi>{[`${box.host}:${box.port}`, box.hardware, box.location].filter(Boolean).join(" · ")}</bdi>
        </p>
      </div>
      <span class="grow" />
      {camera && (
        <a class="button" href={href("cameras", undefined, camera.id)}>
          {t("find.open")}
        </a>
      )}
      <a class={known === null ? "button primary" : "button"} href={href("cameras", query, "add")}>
        {t(known === null ? "find.add" : "find.addChannel")}
      </a>
    </li>
  );
}
