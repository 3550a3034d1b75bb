/**
 * The page's words, in the language of whoever looks: one catalogue a language, with the same keys. A text may have
 * `{names}` to be filled in, and forms by number, of which `{n}` chooses.
 */

/** @import { ServerWords } from './server-words.js' */
/** @typedef {keyof typeof import('./words/en.js').default} Key */
/** @typedef {Readonly<Record<Key, string | {readonly one: string, readonly other: string}>>} Catalogue */

/** @type {Record<string, () => Promise<{default: Catalogue}>>} */
const CATALOGUES = {
  en: () => import('./words/en.js'),
  de: () => import('./words/de.js'),
};
/** The server speaks English: its sentences in the other languages. @type {Record<string, () => Promise<{default: ServerWords}>>} */
const SERVER = {
  de: () => import('./words/server/de.js'),
};
export const LANGUAGES = /** @type {const} */ ({ en: 'English', de: 'Deutsch' });
const KEPT = 'prismatron-language';

/** @type {Catalogue | null} */
let catalogue = null;
let language = 'en';
/** For dates and numbers: the browser's own where it speaks the page's language. */
let own = 'en-GB';
let plurals = new Intl.PluralRules('en');
/** @type {(text: string) => string} */
let translate = (text) => text;

/** Takes the catalogue of the language that was chosen here, else of the first one the browser asks for. */
async function load() {
  const asked = navigator.languages.map((one) => one.slice(0, 2).toLowerCase());
  language = [recall(), ...asked].find((one) => one && one in CATALOGUES) ?? 'en';
  own = navigator.languages.find((one) => one.toLowerCase().startsWith(language)) ?? { en: 'en-GB', de: 'de-DE' }[language] ?? language;
  plurals = new Intl.PluralRules(language);
  document.documentElement.lang = language;
  const [words, server] = await Promise.all([CATALOGUES[language]?.(), SERVER[language] && Promise.all([import('./server-words.js'), SERVER[language]()])]);
  catalogue = words?.default ?? null;
  if (server) translate = server[0].translator(server[1].default, own);
}

/** The words are there. Asked for before the rest of the page is. */
export const loaded = load();

/**
 * What the server says, in the language of the page; what is not known there stays in English.
 * @param {string} text
 * @returns {string}
 */
export const fromServer = (text) => translate(text);

/** The language of the page. */
export const spoken = () => language;
/** The locale of dates and numbers. */
export const locale = () => own;

/** Shows the page in another language from now on. @param {string} next */
export function speak(next) {
  try {
    localStorage.setItem(KEPT, next);
  } catch {
    // A browser may forbid storage: then the choice cannot last.
  }
  location.reload();
}

function recall() {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}

/**
 * The words for a key.
 * @param {Key} key
 * @param {Record<string, string | number>} [values] for the `{names}` in it; numbers are written as people read them
 * @returns {string}
 */
export function t(key, values = {}) {
  const entry = catalogue?.[key] ?? key;
  const text = typeof entry === 'string' ? entry : plurals.select(Number(values.n)) === 'one' ? entry.one : entry.other;
  return text.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = values[name];
    return typeof value === 'number' ? value.toLocaleString(own) : (value ?? whole);
  });
}
