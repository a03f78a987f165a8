import { describe, expect, it } from "vitest";
import { ask, type Known } from "../src/store/asking";

/** Monday, 2026-11-23, 12:00 in the villages. */
const KNOWN: Known = {
  now: Date.parse("2026-11-23T04:00:00Z"),
  places: [
    { id: "220882100200", name: "汉书村" },
    { id: "220882100201", name: "莫什海村" },
    { id: "220882100", name: "月亮泡镇" },
  ],
  cameras: [
    { id: "c1", name: "汉书村东口", lat: 45.5, lon: 124.1 },
    { id: "c2", name: "小卖部", lat: null, lon: null },
    { id: "c3", name: "桥头", lat: 45.51, lon: 124.12 },
    { id: "c4", name: "桥头", lat: 45.6, lon: 124.2 },
  ],
  entrances: [
    { id: "e1", name: "北门", lat: 45.52, lon: 124.15 },
    { id: "e2", name: "North Gate", lat: 45.52, lon: 124.15 },
  ],
};
const night = { since: "2026-11-22 20:00", until: "2026-11-23 06:00" };
const gate = (metres: number): string => `45.520000,124.150000,${metres}`;

/** A sentence, the filters it says, and what of it is not understood. */
const PHRASES: [string, object, string?][] = [
  ["昨晚 20 点到 6 点 北门 500 米内 有 三轮车/人/羊 出村 停留超过 2 分钟", { ...night, near: gate(500), label: ["tricycle", "sheep", "person", "pedestrian", "people"], direction: "out", stays: "120" }],
  ["昨晚8点到今早6点汉书村有三轮车", { ...night, place: ["220882100200"], label: ["tricycle"] }],
  ["昨晚八点到第二天六点的羊", { ...night, label: ["sheep"] }],
  ["昨天晚上10点半到凌晨2点 摩托车", { since: "2026-11-22 22:30", until: "2026-11-23 02:00", label: ["motorcycle"] }],
  ["昨天 14:00-15:30 面包车", { since: "2026-11-22 14:00", until: "2026-11-22 15:30", label: ["van"] }],
  ["昨天下午2点到4点 货车", { since: "2026-11-22 14:00", until: "2026-11-22 16:00", label: ["truck"] }],
  ["前天凌晨1点到5点", { since: "2026-11-21 01:00", until: "2026-11-21 05:00" }],
  ["11月20日晚上9点到11月21日早上7点 车", { since: "2026-11-20 21:00", until: "2026-11-21 07:00", group: ["vehicle"] }],
  ["2026-11-01 8点到9点", { since: "2026-11-01 08:00", until: "2026-11-01 09:00" }],
  ["12月3日 8点到9点", { since: "2025-12-03 08:00", until: "2025-12-03 09:00" }],
  ["昨天", { since: "2026-11-22", until: "2026-11-23" }],
  ["今天有人", { since: "2026-11-23", until: "", group: ["person"] }],
  ["前天的车", { since: "2026-11-21", until: "2026-11-22", group: ["vehicle"] }],
  ["大前天", { since: "2026-11-20", until: "2026-11-21" }],
  ["昨晚有没有人", { since: "2026-11-22 18:00", until: "2026-11-23 06:00", group: ["person"] }],
  ["昨天半夜", { since: "2026-11-22 23:00", until: "2026-11-23 05:00" }],
  ["昨天上午", { since: "2026-11-22 08:00", until: "2026-11-22 12:00" }],
  ["今早", { since: "2026-11-23 05:00", until: "2026-11-23 09:00" }],
  ["3天前", { since: "2026-11-20", until: "2026-11-21" }],
  ["两天前下午", { since: "2026-11-21 12:00", until: "2026-11-21 18:00" }],
  ["上周五", { since: "2026-11-20", until: "2026-11-21" }],
  ["上周日晚上", { since: "2026-11-22 18:00", until: "2026-11-23 06:00" }],
  ["周一", { since: "2026-11-23", until: "" }],
  ["最近1小时", { last: "1h" }],
  ["最近24小时的电动车", { last: "24h", group: ["two_wheeler"] }],
  ["最近一周", { last: "7d" }],
  ["最近三天", { since: "2026-11-20 12:00" }],
  ["过去12小时", { since: "2026-11-23 00:00" }],
  ["每天夜里22点到4点 车", { night: "22:00-04:00", group: ["vehicle"] }],
  ["每晚11点到5点半", { night: "23:00-05:30" }],
  ["最近三天每天 18:00-20:00", { since: "2026-11-20 12:00", night: "18:00-20:00" }],
  ["汉书村东口", { camera: ["c1"] }],
  ["汉书村的狗", { place: ["220882100200"], label: ["dog"] }],
  ["月亮泡镇拖拉机", { place: ["220882100"], label: ["tractor"] }],
  ["汉书村和莫什海村的牛", { place: ["220882100200", "220882100201"], label: ["cow"] }],
  ["小卖部有人", { camera: ["c2"], group: ["person"] }],
  ["北门附近", { near: gate(500) }],
  ["北门周围两百米", { near: gate(200) }],
  ["北门 1 公里内的马", { near: gate(1000), label: ["horse"] }],
  ["北门二里地内", { near: gate(1000) }],
  ["汉书村东口300米范围内的猪", { near: "45.500000,124.100000,300", label: ["pig"] }],
  ["自行车或小汽车", { label: ["bicycle", "car"] }],
  ["牲口", { group: ["animal"] }],
  ["不明移动物", { group: ["unknown"] }],
  ["进村的客车", { direction: "in", label: ["bus"] }],
  ["停留至少半小时的车", { stays: "1800", group: ["vehicle"] }],
  ["徘徊10分钟以上的人", { stays: "600", group: ["person"] }],
  ["有用的 山羊", { verdict: ["useful"], label: ["goat"] }],
  ["误报的鸡", { verdict: ["false"], label: ["bird"] }],
  ["猫，最早的在前", { label: ["cat"], order: "oldest" }],
  ["last night people", { since: "2026-11-22 18:00", until: "2026-11-23 06:00", group: ["person"] }],
  ["yesterday 8 pm to 6 am tricycle or sheep leaving the village", { since: "2026-11-22 20:00", until: "2026-11-23 06:00", label: ["tricycle", "sheep"], direction: "out" }],
  ["trucks within 500 m of the North Gate", { label: ["truck"], near: gate(500) }],
  ["vehicles in the last 24 hours staying over 2 minutes", { group: ["vehicle"], last: "24h", stays: "120" }],
  ["昨天红色的三轮车", { since: "2026-11-22", until: "2026-11-23", label: ["tricycle"] }, "红色"],
  ["男人", { group: ["person"] }, "男"],
  ["南门500米内的羊", { label: ["sheep"] }, "南门500米内"],
  ["桥头的车", { group: ["vehicle"] }, "桥头"],
  ["小卖部500米内", {}, "小卖部500米内"],
  ["昨天和前天的人", { since: "2026-11-22", until: "2026-11-23", group: ["person"] }, "前天"],
  ["明天的车", { group: ["vehicle"] }, "明天"],
  ["昨天 25 点到 26 点", { since: "2026-11-22", until: "2026-11-23" }, "25点到26点"],
  ["cartwheel people", { group: ["person"] }, "cartwheel"],
  ["", {}],
];

describe("a sentence", () => {
  it.each(PHRASES)("%s", (sentence, filters, unknown = "") => {
    const asked = ask(sentence, KNOWN);
    expect(asked.filters).toEqual(filters);
    const unsaid = asked.parts.filter((one) => !one.known).map((one) => one.text);
    expect(unsaid.join("").replaceAll(" ", "")).toBe(unknown);
    expect(asked.parts.map((one) => one.text).join(""), "nothing of it is lost").toBe(sentence);
  });

  it("is of sixty and more sorts", () => {
    expect(PHRASES.length).toBeGreaterThanOrEqual(60);
  });
});
