/**
 * The initials Chinese is typed by: 汉书村东口 is found by `hscdk`. The browser's own pinyin order tells each character's
 * first letter; one read in several ways has the commonest.
 */

/** The first character of each letter in pinyin order; no syllable begins with i, u or v. */
const FIRST = "阿八嚓哒妸发旮哈讥咔垃妈拏噢妑七呥扨它穵夕丫帀";
const LETTERS = "abcdefghjklmnopqrstwxyz";

const order = new Intl.Collator("zh-CN-u-co-pinyin");
/** Where the browser knows no pinyin order, letters found by it would be wrong. */
const ordered = order.compare("阿", "八") < 0 && order.compare("丫", "帀") < 0 && order.compare("汉", "讥") < 0;

const letters = new Map<string, string>();

function letterOf(character: string): string {
  let at = FIRST.length - 1;
  while (at > 0 && order.compare(FIRST[at]!, character) > 0) at -= 1;
  return LETTERS[at]!;
}

/** The initials of the Chinese in a text, other characters as they are; empty where there is no Chinese. */
export function initialsOf(text: string): string {
  if (!ordered || !/[\u4e00-\u9fff]/.test(text)) return "";
  return text.replace(/[\u4e00-\u9fff]/g, (one) => {
    const known = letters.get(one) ?? letterOf(one);
    letters.set(one, known);
    return known;
  });
}
