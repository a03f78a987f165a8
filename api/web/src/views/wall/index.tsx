import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { LAYOUTS } from "../../api/walls";
import { t } from "../../i18n";
import { cameras, follow, refresh, trouble } from "../../store/cameras";
import { follow as followRefused } from "../../store/refused";
import { go, href, route } from "../../store/route";
import { take as takeSaved } from "../../store/savedwalls";
import { follow as followScreen } from "../../store/screen";
import { purpose } from "../../store/session";
import { round, run } from "../../store/shown";
import { alone, divide, putUp, watchable } from "../../store/wall";
import { useKeys } from "../../ui/keys";
import { Failed, Notice, Stale } from "../../ui/notice";
import { PurposeGate } from "../purpose";
import { Bar } from "./bar";
import { Bare } from "./bare";
import { Grid } from "./grid";
import { Picker } from "./picker";
import "../../styles/wall.css";

/** Many cameras at once, live: chosen by hand, going round, or coming up where something happens. */
export function WallView() {
  useEffect(follow, []);
  useEffect(followRefused, []);
  if (cameras.value === null)
    return trouble.value ? <Failed problem={trouble.value} retry={() => void refresh()} /> : <Waiting />;
  if (watchable.value.length === 0) return <Notice title={t("live.noCameras")} />;
  if (purpose.value === null) return <PurposeGate first="patrol" />;
  return <Standing />;
}

function Standing() {
  const room = useRef<HTMLElement>(null);
  const [bare, setBare] = useState(false);
  const [picking, setPicking] = useState(() => innerWidth > 860);
  useEffect(run, []);
  useEffect(followScreen, []);
  useAddress();
  useRoom(room);
  useEffect(() => {
    document.documentElement.classList.toggle("bare", bare);
    return () => document.documentElement.classList.remove("bare");
  }, [bare]);
  useEffect(() => {
    const left = (): void => setBare((was) => was && document.fullscreenElement !== null);
    document.addEventListener("fullscreenchange", left);
    return () => document.removeEventListener("fullscreenchange", left);
  }, []);
  const full = (): void => {
    const on = document.fullscreenElement === null;
    setBare(on);
    const done = on ? document.documentElement.requestFullscreen?.() : document.exitFullscreen();
    done?.catch(() => {}); // refused without a touch of the page: the wall still fills its window
  };
  useKeys(t("nav.wall"), [
    ...LAYOUTS.map((one, at) => ({ keys: [`${at + 1}`], label: t("wall.layout.is", { n: one }), run: () => divide(one) })),
    { keys: ["f"], label: t("live.full"), run: full },
    { keys: ["b"], label: t("wall.bare"), run: () => setBare(!bare) },
    { keys: ["t"], label: t("wall.picker"), run: () => setPicking(!picking) },
    { keys: ["/"], label: t("live.find"), run: () => find(setPicking) },
    { keys: ["p"], label: t("wall.pause"), run: () => pause() },
    { keys: ["]"], label: t("wall.page.next"), run: () => round.peek()?.go(1) },
    { keys: ["["], label: t("wall.page.previous"), run: () => round.peek()?.go(-1) },
  ]);
  const classes = ["wall", bare && "wall-bare", picking && !bare && "wall-picking"].filter(Boolean).join(" ");
  return (
    <section ref={room} class={classes} aria-label={t("nav.wall")}>
      {trouble.value && !bare && <Stale problem={trouble.value} />}
      {bare ? <Bare leave={() => (document.fullscreenElement ? full() : setBare(false))} /> : <Bar picking={picking} setPicking={setPicking} full={full} bare={() => setBare(true)} />}
      <div class="wall-split">
        {picking && !bare && <Picker />}
        <Grid full={full} pick={() => setPicking(true)} />
      </div>
    </section>
  );
}

/** Lets a wall that goes round stand still, or go on. */
function pause(): void {
  const going = round.peek();
  if (going?.paused.peek()) going.resume();
  else going?.pause();
}

function find(show: (on: boolean) => void): void {
  const box = (): HTMLInputElement | null => document.querySelector(".wall-find");
  show(true);
  if (box()) box()!.focus();
  else requestAnimationFrame(() => box()?.focus());
}

/** `#/wall/camera/<id>` shows one camera, `#/wall/<id>` a saved wall, `?add=<id>` puts one more up. */
function useAddress(): void {
  const { view, path, query } = route.value;
  // The address is another view's already while this one still goes.
  const [first, second] = view === "wall" ? path : [];
  const add = view === "wall" ? query.get("add") : null;
  useEffect(() => {
    alone.value = first === "camera" ? (second ?? null) : null;
    const stop = new AbortController();
    if (first !== undefined && first !== "camera") void takeSaved(first, stop.signal);
    return () => {
      stop.abort();
      alone.value = null;
    };
  }, [first, second]);
  useEffect(() => {
    if (add === null) return;
    putUp([add]);
    go(href("wall"), true);
  }, [add]);
}

/** The wall takes what the window leaves below what stands above it, and no more. */
function useRoom(box: { current: HTMLElement | null }): void {
  useLayoutEffect(() => {
    const measure = (): void => {
      const top = box.current ? box.current.getBoundingClientRect().top + scrollY : 0;
      box.current?.style.setProperty("--wall-top", `${Math.round(top)}px`);
    };
    measure();
    const seen = new ResizeObserver(measure);
    seen.observe(document.body);
    return () => seen.disconnect();
  }, []);
}

const Waiting = () => (
  <div class="waiting" role="status" aria-label={t("loading")}>
    {[0, 1, 2, 3].map((one) => (
      <div key={one} class="bone bone-row" />
    ))}
  </div>
);
