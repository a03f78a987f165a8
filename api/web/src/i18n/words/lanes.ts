/** The lanes of a case's cameras side by side. */

import type { Words } from "./words";

export const zh = {
  "lanes.key.motion": "画面有动",
  "lanes.key.unwatched": "未分析（不代表没有动静）",
  "lanes.motion.unwatched": "此时未分析，有无动静不知道",
  "lanes.motion.some": "画面有动",
  "lanes.motion.none": "已分析，画面没有动",
  "lanes.play": "播放 {name}",
  "lanes.played": "{name} 正在播放，按一下收起画面",
  "lanes.given.play": "播放他人提供的录像：{name}",
  "lanes.given.there": "{name}提供的录像，按一下播放",
  "lanes.given.none": "{name}没有提供此时的录像",
  "lanes.given.unread": "没有读到他人提供的录像",
  "lanes.given.undated": "另有 {n} 个他人提供的录像还没核对时钟或长度不明，排不到时间轴上，请到",
  "clocks.title": "对时",
  "clocks.some": "已对时 {n} 路",
  "clocks.how": "录像标注的时间比真实时间快多少秒（慢为负数），各路按真实时间对齐。平台自录的录像按平台时钟标注，一般为 0；调取、补传的录像按其自身时钟标注。",
  "clocks.of": "{name} 的录像快多少秒",
  "clocks.seconds": "秒",
  "lanes.case": "本案探头（{n}）",
  "lanes.case.none": "本案还没有选定探头，请先在案件“找镜头”里选。",
} as const;

export const en: Words<typeof zh> = {
  "lanes.key.motion": "Something moved",
  "lanes.key.unwatched": "Not analysed (that is not “nothing moved”)",
  "lanes.motion.unwatched": "Not analysed then: whether anything moved is unknown",
  "lanes.motion.some": "Something moved",
  "lanes.motion.none": "Analysed: nothing moved",
  "lanes.play": "Play {name}",
  "lanes.played": "{name} is played; press to put its picture away",
  "lanes.given.play": "Play what was given: {name}",
  "lanes.given.there": "{name} gave this; press to play it",
  "lanes.given.none": "{name} gave nothing of this time",
  "lanes.given.unread": "What people gave was not read",
  "lanes.given.undated": "{n} more clips that were given have no place here: their clock was not compared, or their length is unknown. See",
  "clocks.title": "Align clocks",
  "clocks.some": "{n} aligned",
  "clocks.how": "How many seconds a camera's footage is dated ahead of the true time (behind: negative); all are aligned by the true time. What the hub records is dated by the hub's clock, so 0 as a rule; footage that was handed in or came late is dated by a clock of its own.",
  "clocks.of": "Seconds that the footage of {name} is ahead",
  "clocks.seconds": "s",
  "lanes.case": "The case's cameras ({n})",
  "lanes.case.none": "The case has no cameras yet; choose them in its step “Cameras”.",
};
