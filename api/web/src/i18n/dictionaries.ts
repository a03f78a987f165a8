/** All words, gathered from one file a part of the page; each holds both languages side by side. */

import * as admin from "./words/admin";
import * as alerts from "./words/alerts";
import * as asking from "./words/asking";
import * as audit from "./words/audit";
import * as book from "./words/book";
import * as bookmarks from "./words/bookmarks";
import * as casepage from "./words/casepage";
import * as canvass from "./words/canvass";
import * as cases from "./words/cases";
import { en as commonEn } from "./words/common.en";
import { zh as commonZh } from "./words/common.zh";
import * as hardening from "./words/hardening";
import * as consent from "./words/consent";
import * as evidence from "./words/evidence";
import * as lanes from "./words/lanes";
import * as live from "./words/live";
import * as map from "./words/map";
import * as me from "./words/me";
import * as motion from "./words/motion";
import * as patrol from "./words/patrol";
import * as people from "./words/people";
import * as placement from "./words/placement";
import * as playback from "./words/playback";
import * as register from "./words/register";
import * as requests from "./words/requests";
import * as search from "./words/search";
import * as strip from "./words/strip";
import * as track from "./words/track";
import * as upkeep from "./words/upkeep";
import * as wall from "./words/wall";

export const zh = {
  ...commonZh,
  ...search.zh,
  ...asking.zh,
  ...map.zh,
  ...lanes.zh,
  ...live.zh,
  ...motion.zh,
  ...patrol.zh,
  ...people.zh,
  ...placement.zh,
  ...playback.zh,
  ...wall.zh,
  ...register.zh,
  ...consent.zh,
  ...book.zh,
  ...requests.zh,
  ...cases.zh,
  ...bookmarks.zh,
  ...casepage.zh,
  ...evidence.zh,
  ...strip.zh,
  ...track.zh,
  ...canvass.zh,
  ...upkeep.zh,
  ...alerts.zh,
  ...audit.zh,
  ...admin.zh,
  ...me.zh,
  ...hardening.zh,
} as const;

export const en: Record<keyof typeof zh, string> = {
  ...commonEn,
  ...search.en,
  ...asking.en,
  ...map.en,
  ...lanes.en,
  ...live.en,
  ...motion.en,
  ...patrol.en,
  ...people.en,
  ...placement.en,
  ...playback.en,
  ...wall.en,
  ...register.en,
  ...consent.en,
  ...book.en,
  ...requests.en,
  ...cases.en,
  ...bookmarks.en,
  ...casepage.en,
  ...evidence.en,
  ...strip.en,
  ...track.en,
  ...canvass.en,
  ...upkeep.en,
  ...alerts.en,
  ...audit.en,
  ...admin.en,
  ...me.en,
  ...hardening.en,
};
