/**
 * A sentence as people say it, in Chinese or simple English, read into the filters of the event list. Pure: rules on words, no
 * model. What it does not know it says so (`known: false`) and leaves out; it never guesses.
 */

import { parseLocal, stamp } from "../i18n/time";
import type { Filters } from "./filters";
import { near } from "./filters";

export interface Named {
  id: string;
  name: string;
  /** Where it stands, for "within 500 m of it". */
  lat?: number | null;
  lon?: number | null;
}

/** What a sentence may name. */
export interface Known {
  now: number;
  /** Villages and townships by code. */
  places: readonly Named[];
  cameras: readonly Named[];
  /** Ways into villages: only to be near to. */
  entrances: readonly Named[];
}

export interface Part {
  text: string;
  /** Understood, or a word that says nothing by itself. */
  known: boolean;
}

export interface Asked {
  filters: Partial<Filters>;
  parts: Part[];
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const AROUND_M = 500;

const DIGITS = "零一二三四五六七八九";
const NUMBER = "(?:\\d+(?:\\.\\d+)?|[零一二两三四五六七八九十百半]+)";

/** 12, 十二, 两百, 半; NaN for what is none. */
export function numberOf(text: string): number {
  if (/^\d/.test(text)) return Number(text);
  if (text === "半") return 0.5;
  let [sum, digit] = [0, 0];
  for (const one of text.replaceAll("两", "二")) {
    if (one === "百" || one === "十") {
      sum += (digit || 1) * (one === "百" ? 100 : 10);
      digit = 0;
    } else if (DIGITS.includes(one)) digit = DIGITS.indexOf(one);
    else return Number.NaN;
  }
  return sum + digit;
}

const WHAT: [string, Partial<Record<"group" | "label", string>>][] = [
  ["行人|人员|有人|人|people|persons?|pedestrians?|somebody", { group: "person" }],
  ["三轮车|三轮|三蹦子|tricycles?", { label: "tricycle" }],
  ["摩托车|摩托|motorcycles?|motorbikes?", { label: "motorcycle" }],
  ["自行车|单车|bicycles?|bikes?", { label: "bicycle" }],
  ["电动车|电瓶车|两轮车|two[- ]wheelers?|e-?bikes?|scooters?", { group: "two_wheeler" }],
  ["小汽车|轿车|cars?", { label: "car" }],
  ["面包车|vans?", { label: "van" }],
  ["货车|卡车|trucks?|lorr(?:y|ies)", { label: "truck" }],
  ["拖拉机|tractors?", { label: "tractor" }],
  ["客车|大巴|buses|bus", { label: "bus" }],
  ["机动车|车辆|汽车|车|vehicles?", { group: "vehicle" }],
  ["山羊|goats?", { label: "goat" }],
  ["绵羊|羊|sheep", { label: "sheep" }],
  ["黄牛|奶牛|牛|cows?|cattle", { label: "cow" }],
  ["马|horses?", { label: "horse" }],
  ["猪|pigs?", { label: "pig" }],
  ["狗|犬|dogs?", { label: "dog" }],
  ["猫|cats?", { label: "cat" }],
  ["家禽|鸡|鸭|鹅|鸟|birds?|poultry", { label: "bird" }],
  ["牲畜|牲口|家畜|动物|animals?|livestock", { group: "animal" }],
  ["不明移动物|不明物|unknown things?", { group: "unknown" }],
];
const SAYS: [string, Partial<Filters>][] = [
  ["出村|离村|往村外|往外走?|leaving(?: the village)?|out of the village|outwards?", { direction: "out" }],
  ["进村|入村|回村|往村里|往里走?|entering(?: the village)?|into the village|inwards?", { direction: "in" }],
  ["标为有用的?|有用的|marked useful|useful", { verdict: ["useful"] }],
  ["误报的?|false alarms?", { verdict: ["false"] }],
  ["没标过的?|未标注的?|not yet judged|unmarked", { verdict: ["none"] }],
  ["最早的?在前|从早到晚|oldest first", { order: "oldest" }],
];
/** Words that say nothing of their own. */
const FILLER =
  "有没有|看看|看一下|查一下|找一下|所有的?|全部|出现过?|经过|路过|通过|事件|情况|的时候|期间|一共|哪些|什么|请|查|找|看|在|从|有|过|的|了|和|或者|或|以及|与|、|，|,|。|？|\\?|\\.|/|\\s+|show(?: me)?|find|were|was|there|any|some|the|an?|with|and|or|that|who|which|of|in|on|at|from|passing|events?";

const DAYS: [string, number][] = [
  ["大前天", 3],
  ["前天|前日|the day before yesterday", 2],
  ["昨天|昨日|昨|yesterday", 1],
  ["今天|今日|今|today", 0],
];
const EVENING = "晚上|夜里|夜间|半夜|晚|夜|evening|night";
const DAY_WORD = `(?:大前天|前天|前日|前|昨天|昨日|昨|今天|今日|今|the day before yesterday|yesterday|today|last(?= night)|\\d{4}-\\d{1,2}-\\d{1,2}|(?:\\d{4}年)?\\d{1,2}月\\d{1,2}[日号]|${NUMBER}天前|上?(?:周|星期)[一二三四五六日天])`;
const PERIOD = "(?:凌晨|清晨|早上|早晨|早|上午|中午|下午|傍晚|晚上|夜里|夜间|半夜|晚|夜|night|evening|morning|afternoon)";
const CLOCK = `(?:\\d{1,2}[:：]\\d{2}|${NUMBER}\\s*[点时](?:半|一刻|三刻|\\d{1,2}分?)?|\\d{1,2}\\s*(?:am|pm|o'clock))`;

interface Match {
  length: number;
  filters: Partial<Filters>;
}
type Rule = (text: string, known: Known) => Match | null;

const typed = (at: number): string => stamp(at).slice(0, 16);
const midnight = (at: number): number => parseLocal(stamp(at).slice(0, 10))!.getTime();

/** The beginning of the local day a word names; null for a day that is none or to come. */
function dayOf(word: string, now: number): number | null {
  const today = midnight(now);
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(word) ?? /^(?:(\d{4})年)?(\d{1,2})月(\d{1,2})[日号]$/.exec(word);
  if (iso) {
    const [year, month, day] = [iso[1] ?? stamp(now).slice(0, 4), iso[2]!.padStart(2, "0"), iso[3]!.padStart(2, "0")];
    const found = parseLocal(`${year}-${month}-${day}`)?.getTime() ?? null;
    if (found === null || found <= now) return found;
    // A day without a year that is still to come was last year's.
    return iso[1] ? null : (parseLocal(`${Number(year) - 1}-${month}-${day}`)?.getTime() ?? null);
  }
  const ago = new RegExp(`^(${NUMBER})天前$`).exec(word);
  if (ago) return midnight(now - Math.floor(numberOf(ago[1]!)) * DAY);
  const week = /^(上)?(?:周|星期)([一二三四五六日天])$/.exec(word);
  if (week) {
    const wanted = "一二三四五六日".indexOf(week[2] === "天" ? "日" : week[2]!);
    const is = (new Date(`${stamp(now).slice(0, 10)}T00:00:00Z`).getUTCDay() + 6) % 7;
    const back = week[1] ? is - wanted + 7 : is - wanted;
    return back < 0 ? null : midnight(now - back * DAY);
  }
  const back = word === "前" ? 2 : word === "last" ? 1 : DAYS.find(([names]) => new RegExp(`^(?:${names})$`, "i").test(word))?.[1];
  return back === undefined ? null : midnight(today - back * DAY + HOUR);
}

/** Minutes after the midnight a clock time's day begins with; a night's small hours are the next day's. NaN for none. */
function minutesOf(period: string, clock: string): number {
  const found =
    /^(\d{1,2})[:：](\d{2})$/.exec(clock) ?? new RegExp(`^(${NUMBER})\\s*[点时](半|一刻|三刻|\\d{1,2})?分?$`).exec(clock) ?? /^(\d{1,2})\s*(am|pm|o'clock)$/i.exec(clock);
  if (!found) return Number.NaN;
  const hour = numberOf(found[1]!);
  const tail = (found[2] ?? "").toLowerCase();
  const minute = { 半: 30, 一刻: 15, 三刻: 45, am: 0, pm: 0, "o'clock": 0, "": 0 }[tail] ?? Number(tail);
  if (!Number.isInteger(hour) || hour > 24 || minute > 59) return Number.NaN;
  let at = hour * 60 + minute;
  const noon = /中午/.test(period) && hour < 5;
  const day = /下午|傍晚|afternoon/i.test(period) || tail === "pm";
  const late = day || noon || (/晚|夜|night|evening/i.test(period) && hour >= 5);
  if (late && hour < 12) at += 12 * 60;
  else if (/晚|夜|night|evening/i.test(period) && (hour < 5 || hour === 12)) at += hour === 12 ? 12 * 60 : 24 * 60;
  else if (tail === "am" && hour === 12) at -= 12 * 60;
  return at;
}

const SPAN = new RegExp(
  `^(${DAY_WORD})?\\s*(${PERIOD})?\\s*(${CLOCK})\\s*(?:到|至|—|–|-|~|to|until)\\s*(第二天|次日|${DAY_WORD})?\\s*(${PERIOD})?\\s*(${CLOCK})`,
  "i",
);
const DAILY = new RegExp(`^(?:每天|每晚|每夜|天天|every (?:day|night))\\s*(${PERIOD})?\\s*(${CLOCK})\\s*(?:到|至|—|–|-|~|to|until)\\s*(${PERIOD})?\\s*(${CLOCK})`, "i");
const ONE_DAY = new RegExp(`^(${DAY_WORD})(?:的(?=${PERIOD}))?\\s*(${PERIOD})?`, "i");
const LATELY = new RegExp(`^(?:最近|过去|近|(?:in )?the last|last|past)\\s*(${NUMBER})?\\s*(?:个)?(小时|天|周|星期|hours?|days?|weeks?)(?:内|里|以来)?`, "i");
const STAY = new RegExp(
  `^(?:停留|逗留|徘徊|停了|待了|stay(?:ing|ed)?(?: for)?)\\s*(?:超过|至少|大于|不少于|more than|over|at least)?\\s*(${NUMBER})\\s*(?:个)?(分钟|分|秒钟?|小时|min(?:ute)?s?|sec(?:ond)?s?|hours?)(?:以上)?`,
  "i",
);
const WITHIN = new RegExp(`^\\s*(?:方圆|周围|附近|周边)?\\s*(${NUMBER})\\s*(米|公里|千米|里地|里|km|m|met(?:er|re)s?)\\s*(?:以内|之内|范围内|范围|内)?`, "i");
const ENGLISH_WITHIN = new RegExp(`^within\\s*(${NUMBER})\\s*(km|m|met(?:er|re)s?)\\s*of\\s*(?:the\\s*)?`, "i");
const METRES: Record<string, number> = { 米: 1, 公里: 1000, 千米: 1000, 里地: 500, 里: 500, km: 1000 };

const pad = (minutes: number): string => `${String(Math.floor(minutes / 60) % 24).padStart(2, "0")}:${String(minutes % 60).padStart(2, "0")}`;

function lately(text: string): Match | null {
  const found = LATELY.exec(text);
  if (!found) return null;
  const unit = found[2]!.toLowerCase();
  const hours = numberOf(found[1] ?? "1") * (/小时|hour/.test(unit) ? 1 : /天|day/.test(unit) ? 24 : 168);
  const last = { 1: "1h", 24: "24h", 168: "7d" }[hours];
  return { length: found[0].length, filters: last ? { last } : { since: `-${hours}` } };
}

function spanOf(text: string, { now }: Known): Match | null {
  const found = SPAN.exec(text);
  if (!found) return null;
  const [whole, word, period = "", clock, ends, late, until] = found;
  const day = word ? dayOf(word.toLowerCase(), now) : midnight(now);
  const begin = minutesOf(period, clock!);
  // The end is of the same part of the day unless it says another.
  const end = minutesOf(late ?? (/晚|夜|night|evening/i.test(period) ? "" : period), until!);
  if (day === null || Number.isNaN(begin) || Number.isNaN(end)) return null;
  const since = day + begin * MINUTE;
  const named = ends === undefined ? midnight(since) : /第二天|次日/.test(ends) ? midnight(since) + DAY : dayOf(ends.toLowerCase(), now);
  if (named === null) return null;
  let to = named + end * MINUTE;
  if (to <= since && ends === undefined) to += DAY;
  if (to <= since || since > now) return null;
  return { length: whole.length, filters: { since: typed(since), until: typed(to) } };
}

function daily(text: string): Match | null {
  const found = DAILY.exec(text);
  if (!found) return null;
  const [begin, end] = [minutesOf(found[1] ?? (/晚|夜|night/.test(found[0]) ? "晚" : ""), found[2]!), minutesOf(found[3] ?? "", found[4]!)];
  if (Number.isNaN(begin) || Number.isNaN(end) || pad(begin) === pad(end)) return null;
  return { length: found[0].length, filters: { night: `${pad(begin)}-${pad(end)}` } };
}

/** A day, or a part of it: from and to in hours after its midnight. */
const PARTS: [RegExp, number, number][] = [
  [/凌晨/, 0, 5],
  [/清晨|早|morning/i, 5, 9],
  [/上午/, 8, 12],
  [/中午/, 11, 14],
  [/下午|afternoon/i, 12, 18],
  [/傍晚/, 17, 20],
  [/半夜/, 23, 29],
  [new RegExp(EVENING, "i"), 18, 30],
];

function wholeDay(text: string, { now }: Known): Match | null {
  const found = ONE_DAY.exec(text);
  if (!found) return null;
  const day = dayOf(found[1]!.toLowerCase(), now);
  // 今、昨、前 alone are parts of other words.
  if (day === null || (/^[今昨前]$|^last$/i.test(found[1]!) && !found[2])) return null;
  const part = PARTS.find(([words]) => found[2] && words.test(found[2]));
  const [since, until] = part ? [day + part[1] * HOUR, day + part[2] * HOUR] : [day, day + DAY];
  const said = (at: number): string => (part ? typed(at) : typed(at).slice(0, 10));
  return { length: found[0].length, filters: { since: said(since), until: until > now ? "" : said(until) } };
}

function stays(text: string): Match | null {
  const found = STAY.exec(text);
  if (!found) return null;
  const unit = found[2]!.toLowerCase();
  const seconds = Math.round(numberOf(found[1]!) * (/^(分|min)/.test(unit) ? 60 : /^(小时|hour)/.test(unit) ? 3600 : 1));
  return seconds >= 1 && seconds <= 86_400 ? { length: found[0].length, filters: { stays: String(seconds) } } : null;
}

/** The one thing of the longest name that a text begins with; null where there is none, or several of that name. */
function begins(text: string, things: readonly Named[]): Named | null {
  const found = things.filter((one) => one.name !== "" && text.toLowerCase().startsWith(one.name.toLowerCase()));
  const longest = Math.max(...found.map((one) => one.name.length));
  const named = found.filter((one) => one.name.length === longest);
  return named.length === 1 ? named[0]! : null;
}

const metres = (number: string, unit: string): number => Math.round(numberOf(number) * (METRES[unit.toLowerCase()] ?? 1));

function circle(one: Named, radius: number): Partial<Filters> | null {
  if (typeof one.lat !== "number" || typeof one.lon !== "number" || !(radius > 0 && radius <= 50_000)) return null;
  return { near: near({ lat: one.lat, lon: one.lon, radius_m: radius }) };
}

function where(text: string, { places, cameras, entrances }: Known): Match | null {
  const english = ENGLISH_WITHIN.exec(text);
  if (english) {
    const rest = text.slice(english[0].length);
    const one = begins(rest, [...cameras, ...entrances]);
    const filters = one && circle(one, metres(english[1]!, english[2]!));
    return one && filters ? { length: english[0].length + one.name.length, filters } : null;
  }
  const one = begins(text, [...places, ...cameras, ...entrances]);
  if (one === null) return null;
  const rest = text.slice(one.name.length);
  const far = WITHIN.exec(rest);
  const beside = far ? null : /^\s*(?:附近|周边|周围)/.exec(rest);
  if (far || beside) {
    const filters = circle(one, far ? metres(far[1]!, far[2]!) : AROUND_M);
    return filters && { length: one.name.length + (far ?? beside)![0].length, filters };
  }
  if (places.includes(one)) return { length: one.name.length, filters: { place: [one.id] } };
  return cameras.includes(one) ? { length: one.name.length, filters: { camera: [one.id] } } : null;
}

/** A word of a list at the beginning; English ones end where a word ends. */
function worded<T>(list: readonly [string, T][]): (text: string) => { length: number; value: T } | null {
  const rules = list.map(([words, value]) => ({ rule: new RegExp(`^(?:${words})(?![a-z])`, "i"), value }));
  return (text) => {
    let best: { length: number; value: T } | null = null;
    for (const { rule, value } of rules) {
      const found = rule.exec(text);
      if (found && found[0].length > (best?.length ?? 0)) best = { length: found[0].length, value };
    }
    return best;
  };
}

const whatOf = worded(WHAT);
const saysOf = worded(SAYS);
const fillerOf = worded([[FILLER, null]]);

function what(text: string): Match | null {
  const found = whatOf(text);
  if (!found) return null;
  const { group, label } = found.value;
  return { length: found.length, filters: { ...(group ? { group: [group] } : {}), ...(label ? { label: [label] } : {}) } };
}

function says(text: string): Match | null {
  const found = saysOf(text);
  return found && { length: found.length, filters: found.value };
}

const RULES: Rule[] = [spanOf, daily, lately, stays, where, wholeDay, says, what];

/** Takes in what a part says. False where it contradicts what was said before: then it is not understood. */
function take(into: Partial<Filters>, part: Partial<Filters>): boolean {
  const times = ["last", "since", "until"] as const;
  if (times.some((one) => part[one]) && times.some((one) => into[one])) return false;
  for (const [name, value] of Object.entries(part) as [keyof Filters, string | string[]][]) {
    const was = into[name];
    if (Array.isArray(value)) Object.assign(into, { [name]: [...new Set([...((was as string[] | undefined) ?? []), ...value])] });
    else if (was !== undefined && was !== "" && was !== value) return false;
    else Object.assign(into, { [name]: value });
  }
  return true;
}

export function ask(sentence: string, known: Known): Asked {
  const filters: Partial<Filters> = {};
  const parts: Part[] = [];
  const say = (text: string, understood: boolean): void => {
    const last = parts.at(-1);
    if (last && last.known === understood && !understood) last.text += text;
    else parts.push({ text, known: understood });
  };
  for (let at = 0; at < sentence.length; ) {
    const text = sentence.slice(at);
    const best = RULES.map((rule) => rule(text, known)).reduce<Match | null>((a, b) => (b && b.length > (a?.length ?? 0) ? b : a), null);
    const filler = fillerOf(text);
    if (best && best.length >= (filler?.length ?? 0)) {
      say(text.slice(0, best.length), take(filters, relative(best.filters, known.now)));
      at += best.length;
    } else if (filler) {
      say(text.slice(0, filler.length), true);
      at += filler.length;
    } else {
      // An English word is unknown as a whole: its end may look like another.
      const word = /^[a-z]+/i.exec(text)?.[0] ?? text[0]!;
      say(word, false);
      at += word.length;
    }
  }
  return { filters: alike(filters), parts };
}

/** The labels of each group, as detectors/labels.py has them. */
export const OF_GROUP: Record<string, readonly string[]> = {
  person: ["person", "pedestrian", "people"],
  two_wheeler: ["bicycle", "motorcycle", "motorbike", "tricycle", "scooter", "rider", "cyclist"],
  vehicle: ["car", "bus", "truck", "van", "tractor"],
  animal: ["animal", "bird", "cat", "dog", "horse", "sheep", "cow", "pig", "goat"],
  unknown: ["unknown"],
};

/** A label and a group must both hold of an event: where a sentence names both, it means any of them, so groups are told by labels. */
function alike(filters: Partial<Filters>): Partial<Filters> {
  const { group, label, ...rest } = filters;
  if (!group || !label) return filters;
  return { ...rest, label: [...new Set([...label, ...group.flatMap((one) => OF_GROUP[one] ?? [])])] };
}

/** So many hours back is said by when it began. */
function relative(filters: Partial<Filters>, now: number): Partial<Filters> {
  return filters.since?.startsWith("-") ? { ...filters, since: typed(now + Number(filters.since) * HOUR) } : filters;
}
