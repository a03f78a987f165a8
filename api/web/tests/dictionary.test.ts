import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { Problem } from "../src/api/client";
import * as types from "../src/api/types";
import { DICTIONARIES, faultText, type Key, problemText, t, word } from "../src/i18n";
import { zh } from "../src/i18n/dictionaries";
import { language } from "../src/store/settings";
import { actionText } from "../src/views/audit/action";

const KEYS = Object.keys(zh) as Key[];
const SOURCE = read(resolve("src"), /\.tsx?$/).filter((file) => !/i18n.(words|dictionaries)/.test(file.name));
const FAMILIES = ["relation", "consentState", "consentStep", "idKind", "requestState", "requestDecision", "refusal", "shownHow", "assessed", "letter", "kind", "state", "reason", "advice", "picture", "pictureAdvice", "origin", "settingDoc", "rule", "group", "label", "role", "purpose", "verdict", "patrolVerdict", "incidentState", "incidentStep", "workerState", "targetKind", "deliveryState", "problem", "fault", "survey", "doubt", "permission", "level", "inUse", "roleMeans", "warning", "wrong", "field", "datum", "device", "scope", "trial", "trialDo", "setting", "vendor", "vendorNote", "action", "badCell", "badUnit", "unitColumn", "gap", "damage", "look", "refusedLook", "sign", "signMeans", "viewingEnd", "broken", "duty", "unitKind", "unitInUse", "offence", "caseState", "approvalKind", "approvalState", "bookmarkKind", "confidence", "answer", "item", "manner", "certainty", "mode", "agreed", "recipient", "medium", "custody", "lacking", "lack", "basis", "forbidden", "filing", "filings", "purged", "purgeCause", "holdOrigin", "unwatched", "after", "decision", "hiddenBy", "linkState", "held", "compass"];

function read(folder: string, wanted: RegExp): { name: string; text: string }[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const name = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === "node_modules" ? [] : read(name, wanted);
    return wanted.test(name) ? [{ name, text: readFileSync(name, "utf8") }] : [];
  });
}

afterEach(() => {
  language.value = "zh";
});

describe("the dictionaries", () => {
  it("say every key in both languages with the same values in it", () => {
    const values = (text: string): string[] => [...text.matchAll(/\{(\w+)\}/g)].map((one) => one[1]!).sort();
    for (const key of KEYS) {
      const [chinese, english] = [DICTIONARIES.zh[key], DICTIONARIES.en[key]];
      expect(english?.trim(), key).toBeTruthy();
      expect(chinese.trim(), key).toBeTruthy();
      expect(values(english), key).toEqual(values(chinese));
    }
    expect(Object.keys(DICTIONARIES.en).sort()).toEqual([...KEYS].sort());
  });

  it("write Chinese in the Chinese one, and no Chinese in the English one", () => {
    const plain = KEYS.filter((key) => !key.startsWith("list.") && !/[\u4e00-\u9fff]/.test(zh[key]));
    expect(plain).toEqual(["worker.cpu"]);
    expect(KEYS.filter((key) => /[\u4e00-\u9fff]/.test(DICTIONARIES.en[key]))).toEqual([]);
  });

  it("hold no key that the page never says", () => {
    const text = SOURCE.map((file) => file.text).join("\n");
    const templates = [...text.matchAll(/t\(`([\w.]+)\.\$\{/g)].map((one) => one[1]!);
    const quoted = new Set([...text.matchAll(/"([\w.-]+)"/g)].map((one) => one[1]!));
    const unused = KEYS.filter((key) => {
      if (quoted.has(key)) return false;
      return ![...FAMILIES, ...templates].some((family) => key.startsWith(`${family}.`));
    });
    expect(unused).toEqual([]);
  });

  it("name every value of the hub's enumerations", () => {
    const families: [string, readonly string[]][] = [
      ["kind", types.KINDS],
      ["state", types.STATES],
      ["reason", types.REASONS],
      ["advice", types.REASONS],
      ["picture", types.PICTURE_FAULTS],
      ["pictureAdvice", types.PICTURE_FAULTS],
      ["rule", types.EVENT_KINDS],
      ["group", types.GROUPS],
      ["label", types.LABELS],
      ["role", types.ROLES],
      ["purpose", types.PURPOSE_KINDS],
      ["verdict", types.VERDICTS],
    ];
    for (const [family, values] of families) for (const one of values) expect(KEYS).toContain(`${family}.${one}`);
  });

  it("name the enumerations as registry/model has them", () => {
    const model = read(resolve("../../registry/model"), /\.py$/).map((file) => file.text).join("\n");
    const of = (name: string): string[] => {
      const body = model.split(`class ${name}(StrEnum):`)[1]!.split("\nclass ")[0]!.split("\n@dataclass")[0]!;
      return [...body.matchAll(/^ {4}[A-Z_]+ = "(\w+)"/gm)].map((one) => one[1]!).sort();
    };
    const sorted = (values: readonly string[]): string[] => [...values].sort();
    expect(sorted(types.KINDS)).toEqual(of("Kind"));
    expect(sorted(types.STATES)).toEqual(of("State"));
    expect(sorted(types.REASONS)).toEqual(of("Reason"));
    expect(sorted(types.PICTURE_FAULTS)).toEqual(of("PictureFault"));
    expect(sorted(types.EVENT_KINDS)).toEqual(of("EventKind"));
    expect(sorted(types.GROUPS)).toEqual(of("LabelGroup"));
    expect(sorted(types.ROLES)).toEqual(of("Role"));
    expect(sorted(types.VERDICTS)).toEqual(of("Verdict"));
    expect(sorted(types.PURPOSE_KINDS)).toEqual(of("PurposeKind"));
  });
});

describe("the hub's own codes", () => {
  const python = ["registry", "api", "camera_hub"].flatMap((name) =>
    read(resolve("../..", name), /\.py$/),
  );
  const codes = (files: { text: string }[]): Set<string> =>
    new Set(files.flatMap((file) => [...file.text.matchAll(/code\s*=\s*"(\w+)"/g)].map((one) => one[1]!)));

  it("have words where the page can meet them", () => {
    const met = /registry\/(errors|cases\/\w+|approvals\/\w+|reach|purposes|permissions|scope|users|events)\.py$|api\/(auth|sessions|stream|throttle|tickets)\.py$/;
    const CLI_ONLY = ["error", "stream", "corrupt", "unreachable", "rejected", "unsupported", "stalled", "lease_lost"];
    const ADMIN = ["last_admin", "user_exists", "user_unknown", "no_session"];
    const missing = [...codes(python.filter((file) => met.test(file.name)))].filter(
      (code) => !KEYS.includes(`problem.${code}` as Key) && ![...CLI_ONLY, ...ADMIN].includes(code),
    );
    expect(missing).toEqual([]);
  });

  it("of faults have words, with the values the hub gives", () => {
    const set = python.flatMap((file) => [...file.text.matchAll(/faults\.set\(\s*"(\w+)"([\s\S]*?)\)\n/g)]);
    expect(set.length).toBeGreaterThan(5);
    for (const [, code, given] of set) {
      const said = zh[`fault.${code}` as Key] as string | undefined;
      expect(said, code).toBeDefined();
      for (const [, name] of said!.matchAll(/\{(\w+)\}/g)) expect(given, code).toContain(`${name}=`);
    }
  });

  it("of work that is done again and again have words, with no value but the hint", () => {
    const named = python.flatMap((file) => [...file.text.matchAll(/faults\.rounds\(\s*"(\w+)"/g)]);
    expect(named.length).toBeGreaterThan(3);
    for (const [, code] of named) {
      const said = zh[`fault.${code}` as Key] as string | undefined;
      expect(said, code).toBeDefined();
      for (const [, name] of said!.matchAll(/\{(\w+)\}/g)) expect(name, code).toBe("hint");
    }
  });

  it("are all there is words for", () => {
    const all = python.map((file) => file.text).join("\n");
    const dead = KEYS.filter((key) => /^problem\.(?!http_|offline)/.test(key)).filter(
      // A code made of a noun (`camera_stale`) stands whole where it is described.
      (key) => !all.includes(`"${key.slice("problem.".length)}"`) && !all.includes(`\`${key.slice("problem.".length)}\``),
    );
    expect(dead).toEqual([]);
  });

  it("of trials, makers, imports and doubts are codes of the hub", () => {
    const all = python.map((file) => file.text).join("\n");
    const made = new Set([...all.matchAll(/f"(\w+)\.\{\w+\.value\}"/g)].map((one) => one[1]!));
    const families = /^(trial|trialDo|vendor|vendorNote|warning|doubt|action)\.(?!running|good|advice)(\w+(\.\w+)?)$/;
    const dead = KEYS.filter((key) => {
      const code = families.exec(key)?.[2];
      return code !== undefined && !all.includes(`"${code}"`) && !made.has(code.split(".")[0]!);
    });
    expect(dead).toEqual([]);
  });
  it("name every action that is written to the register", () => {
    const all = python.map((file) => file.text).join("\n");
    const written = [...all.matchAll(/(?:\bappend\(|\bEntry\()[^()]{0,80}?"([a-z_]+\.(?!py"|html"|txt")[a-z_]+)"/g)].map((one) => one[1]!);
    expect(written.length).toBeGreaterThan(60);
    expect([...new Set(written)].filter((one) => actionText(one) === one)).toEqual([]);
  });
});

describe("words", () => {
  it("follow the language, and fill in values", () => {
    expect(t("events.new", { n: 3 })).toBe("3 条新事件");
    language.value = "en";
    expect(t("events.new", { n: 3 })).toBe("3 new");
    expect(document.documentElement.lang).toBe("en");
  });

  it("fall back to the hub's own when it is newer than the page", () => {
    expect(word("label", "camel")).toBe("camel");
    expect(problemText(new Problem(418, "teapot", "I'm a teapot"))).toBe("I'm a teapot (teapot)");
    expect(problemText(new Problem(409, "number_taken", "Conflict"))).toContain("(number_taken)");
    expect(faultText({ code: "new_one", since: "", params: {} })).toContain("new_one");
    expect(word("kind", "constructor")).toBe("constructor");
  });
});
