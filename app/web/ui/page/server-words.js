/**
 * What the server says in English, in the language of the page: the English sentence is the key, as it stands in the
 * program, with `{places}`. Sentences are put together there: an error and its sources stand in a row (“a: b: c”), and
 * what stands at a place is often a sentence of its own. A text may so be read in several ways; the one that leaves
 * least of it in English counts.
 *
 * What stands between quotation marks, or at a place called as in [`NAMES`], was named by somebody and stays as it is.
 */

/**
 * The sentences of one language. `values` are what may stand at a place, by its name: where the words of the language
 * depend on it, or where it cannot be told from what is around it. `foreign` is what the operating system and other
 * programs say.
 * @typedef {{sentences: Record<string, string>, values: Record<string, Record<string, string>>, foreign: Record<string, string>}} ServerWords
 */

/** A sentence: literal text around places, and what it becomes. @typedef {{literals: string[], places: string[], quoted: boolean[], to: string}} Template */
/** A text as it was read: what it is in the language, and how many letters were left in English. @typedef {{text: string, left: number}} Reading */

const PLACE = /\{(\w+)\}/;
const NAMES = new Set(['name', 'path', 'host', 'version', 'first', 'sensor', 'line']);
const NUMBER = /^-?(0|[1-9]\d{0,14})(\.\d+)?$/;
/** Longer texts are no sentences, and so many parts of one are looked at: the work is bounded, whatever is in it. */
const LONGEST = 1000;
const MOST_PARTS = 300;
/** So many texts are remembered: a status comes every second. */
const REMEMBERED = 500;

/**
 * Every sentence with everything that its places may hold put in.
 * @param {string} from @param {string} to @param {ServerWords['values']} values
 * @returns {[string, string][]}
 */
export function expanded(from, to, values) {
  const name = from.split(PLACE).find((part, index) => index % 2 === 1 && Object.hasOwn(values, part));
  if (name === undefined) return [[from.trim(), to.trim()]];
  const { [name]: held, ...others } = values;
  return Object.entries(held ?? {}).flatMap(([english, own]) => expanded(from.replace(`{${name}}`, () => english), to.replace(`{${name}}`, () => own), others));
}

/** @param {string} from @param {string} to @returns {Template} */
function compile(from, to) {
  const parts = from.split(PLACE);
  const literals = parts.filter((_, index) => index % 2 === 0);
  return { literals, places: parts.filter((_, index) => index % 2 === 1), quoted: literals.slice(1).map((after, index) => Boolean(literals[index]?.endsWith('“') && after.startsWith('”'))), to };
}

/**
 * What stands at the places of a template, if the text is one of it: the shortest that can be from the left, which finds
 * a way wherever there is one, and in one go.
 * @param {Template} template @param {string} text
 */
function matched({ literals }, text) {
  const [first = '', ...rest] = literals;
  const last = rest.pop();
  if (last === undefined) return text === first ? [] : null;
  if (!text.startsWith(first) || !text.endsWith(last)) return null;
  const end = text.length - last.length;
  /** @type {string[]} */
  const values = [];
  let at = first.length;
  for (const literal of rest) {
    const next = text.indexOf(literal, at + 1);
    if (next < 0) return null;
    values.push(text.slice(at, next));
    at = next + literal.length;
  }
  if (at >= end) return null;
  return [...values, text.slice(at, end)];
}

/**
 * Says in a language what the server says in English; what it does not know stays as it is.
 * @param {ServerWords} words
 * @param {string} locale of numbers
 * @returns {(text: string) => string}
 */
export function translator({ sentences, values, foreign }, locale) {
  const templates = [...Object.entries(sentences), ...Object.entries(foreign)].flatMap(([from, to]) => expanded(from, to, values)).map(([from, to]) => compile(from, to));
  /** @type {Map<string, string>} */
  const known = new Map();

  /** @param {string} whole */
  function translate(whole) {
    /** @type {Map<string, Reading | null>} */
    const parts = new Map();

    /** What a part of it is in the language; `null` where nothing of it is known. @param {string} text @returns {Reading | null} */
    function read(text) {
      const before = parts.get(text);
      if (before !== undefined) return before;
      if (parts.size >= MOST_PARTS) return null;
      // Until it is known: nothing is read by way of itself.
      parts.set(text, null);
      /** @type {Reading | null} */
      let best = null;
      for (const one of [...readings(text), ...rows(text, ': ', true), ...rows(text, ', ', false)]) if (best === null || one.left < best.left) best = one;
      parts.set(text, best);
      return best;
    }

    /** As a sentence. @param {string} text */
    function* readings(text) {
      for (const template of templates) {
        const found = matched(template, text);
        if (found) yield filled(template, found);
      }
    }

    /** @param {Template} template @param {string[]} found @returns {Reading} */
    function filled({ places, quoted, to }, found) {
      let left = 0;
      /** @type {Record<string, string>} */
      const filling = {};
      places.forEach((place, index) => {
        const value = found[index] ?? '';
        const isName = quoted[index] || NAMES.has(place);
        const isNumber = !isName && NUMBER.test(value);
        const own = isName || isNumber ? null : read(value);
        if (!isNumber) left += own?.left ?? value.length;
        filling[place] = isNumber ? Number(value).toLocaleString(locale, { maximumFractionDigits: 6 }) : (own?.text ?? value);
      });
      return { text: to.replace(new RegExp(PLACE, 'g'), (whole, place) => filling[place] ?? whole), left };
    }

    /**
     * As two in a row. Of an error and its source one will do: a field's name stands before what is wrong with it.
     * @param {string} text @param {string} between @param {boolean} oneWillDo
     */
    function* rows(text, between, oneWillDo) {
      for (let at = text.indexOf(between); at >= 0; at = text.indexOf(between, at + 1)) {
        const two = [text.slice(0, at), text.slice(at + between.length)];
        const own = two.map((part) => (part ? read(part) : null));
        const areKnown = oneWillDo ? own.some((one, index) => one && two[index]?.includes(' ')) : own.every(Boolean);
        if (!areKnown) continue;
        yield { text: two.map((part, index) => own[index]?.text ?? part).join(between), left: two.reduce((sum, part, index) => sum + (own[index]?.left ?? part.length), 0) };
      }
    }

    return read(whole)?.text ?? whole;
  }

  return (text) => {
    if (text.length > LONGEST) return text;
    const before = known.get(text);
    if (before !== undefined) return before;
    if (known.size >= REMEMBERED) known.clear();
    const said = translate(text.trim());
    known.set(text, said);
    return said;
  };
}
