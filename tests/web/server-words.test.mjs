/**
 * What the server says, in the languages of the page: every sentence of the catalogues stands in the program, all that
 * can be told from the program's source is in the catalogues, and sentences are put together again as they were taken
 * apart. Needs no server.
 */

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const app = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../app');
const page = path.join(app, 'web/ui/page');
const { expanded, translator } = await import(path.join(page, 'server-words.js'));
const languages = readdirSync(path.join(page, 'words/server')).map((name) => path.basename(name, '.js'));
const catalogue = async (language) => (await import(path.join(page, 'words/server', `${language}.js`))).default;

/** The program's source without its tests. @type {Map<string, string>} */
const sources = new Map(
  readdirSync(app, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\/src\/.*\.rs$/.test(name) && !/\/tests?[/.]/.test(name))
    .map((name) => [name, readFileSync(path.join(app, name), 'utf8').split(/^#\[cfg\(test\)\]\n(?:#\[.*\n)*(?:pub(?:\(\w+\))? )?mod tests \{/m)[0] ?? '']),
);

/** As it is compared: whatever a place is called or how it is written, there it is. @param {string} text */
const plain = (text) => text.replace(/\{[^{}]*\}/g, '{}');
/** A literal of Rust as it is compared: lines that go on are joined. @param {string} literal */
const unescaped = (literal) =>
  literal.replace(/\\\n\s*/g, '').replace(/\\u\{([0-9a-f]+)\}/g, (_, code) => String.fromCodePoint(Number.parseInt(code, 16))).replace(/\\(["'\\])/g, '$1').replace(/\{\{|\}\}/g, '');

/** The literals of a piece of source, without comments and the reasons of lints. @param {string} source @returns {string[]} */
function literals(source) {
  const tokens = /\/\/[^\n]*|'(?:\\.|[^'\\])'|(?:,\s*reason = )?"((?:\\[^]|[^"\\])*)"/g;
  return [...source.matchAll(tokens)].flatMap(([token, text]) => (text === undefined || token.startsWith(',') ? [] : [plain(unescaped(text))]));
}

/** From an opening bracket to the one that closes it. @param {string} source @param {number} start */
function bracketed(source, start) {
  let depth = 0;
  const tokens = /\/\/[^\n]*|'(?:\\.|[^'\\])'|"(?:\\[^]|[^"\\])*"|[([{]|[)\]}]/g;
  tokens.lastIndex = start;
  for (let token = tokens.exec(source); token; token = tokens.exec(source)) {
    if (/^[([{]$/.test(token[0])) depth += 1;
    else if (/^[)\]}]$/.test(token[0]) && --depth === 0) return source.slice(start, token.index);
  }
  return '';
}

/** The literals within the brackets of calls. @param {RegExp} call @param {string} source */
const given = (call, source) => [...source.matchAll(call)].flatMap((found) => literals(bracketed(source, found.index + found[0].length - 1)));

/** Whether it is said to somebody, rather than being a name, a unit or a place alone. @param {string} text */
const isSaid = (text) => /[a-z]{3}/.test(text.replace(/\{\}/g, ''));
const isSentence = (text) => isSaid(text) && /\S \S/.test(text.trim());

const all = new Set([...sources.values()].flatMap(literals));

/** Everything that a catalogue has: its sentences, and what may stand at their places. */
const entries = ({ sentences, values }) => new Map([...Object.entries(sentences), ...Object.values(values).flatMap((held) => Object.entries(held))]);

for (const language of languages) {
  const words = await catalogue(language);

  test(`every sentence in ${language} is one of the program's`, () => {
    // What is added to a sentence stands with it.
    const stands = (text) => all.has(text) || all.has(text.replace(/^\{\}/, ''));
    assert.deepEqual([...entries(words).keys()].filter((text) => isSaid(text) && !stands(plain(text))), []);
  });

  test(`the places in ${language} are those of the English sentences`, () => {
    const places = (text) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
    for (const [from, to] of [...entries(words), ...Object.entries(words.foreign)]) {
      assert.deepEqual(places(to), places(from), from);
      if (from) assert.ok(to.trim(), from);
      for (const [english, own] of expanded(from, to, words.values)) {
        assert.deepEqual(places(own), places(english), english);
        assert.equal(new Set(places(english)).size, places(english).length, `two places with one name: ${english}`);
        assert.ok(!/\}\{/.test(english), `two places without anything between them: ${english}`);
      }
    }
    for (const [place, held] of Object.entries(words.values)) assert.ok(Object.keys(words.sentences).some((text) => text.includes(`{${place}}`)), `no sentence has {${place}}`);
  });

  test(`all that errors say is there in ${language}`, () => {
    const known = new Set([...entries(words).keys()].map(plain));
    const missing = [];
    const want = (name, texts) => missing.push(...texts.filter((text) => !known.has(text) && !known.has(text.trim())).map((text) => `${name}: ${text}`));
    const errors = [
      'store/src/error.rs', 'store/src/document.rs', 'system/src/error.rs', 'engine/src/error.rs', 'core/src/layout/mod.rs', 'core/src/effect.rs', 'core/src/unit.rs', 'core/src/id.rs', 'core/src/port.rs', 'core/src/schedule/cron.rs',
      'web/src/tus/mod.rs', 'web/src/wire/mod.rs', 'web/src/server/idle.rs', 'web/src/tls/mod.rs', 'output/src/error.rs', 'media/src/video/facts.rs', 'board/src/error.rs',
    ];
    for (const name of errors) {
      const found = given(/#\[error\(/g, sources.get(name) ?? '');
      assert.ok(found.length, `no errors in ${name}`);
      want(name, found.filter(isSaid));
    }
    // The bench stands in for hardware, the stage for a wall; of the commands only some leave something for the page.
    const beside = /^(board\/src\/(bench|probe|trial)\.rs|engine\/src\/stage\.rs|prismatron\/src\/(?!(safe_mode|reload|secure|appliance\/(boots|data_partition|grub|health_gate|panics|provision))\.rs))/;
    const calls = /\b(?:Problem::\w+|Problem|notes::leave|Verdict::\w+|not_yet|Invalid::new|Invalid|invalid|MediaError::new|Refusal::new|Finding::new|StripError|EngineError::rejected|BoardError::\w+|refusal::(?:damaged|cut_off)|damaged|Flaw::Damaged|OutputError::Clock|(?<!#\[)error|wrong|at)\(/g;
    for (const [name, source] of sources) if (!beside.test(name)) want(name, given(calls, source).filter(isSentence));
    const set = /\blet (?:reason|detail|message|why|advice|trouble|used|hint|done)\w* =\s*(?:format!\(\s*)?(?="|format)/g;
    for (const [name, source] of sources) {
      if (beside.test(name)) continue;
      for (const found of source.matchAll(set)) want(name, literals(source.slice(found.index, source.indexOf(';\n', found.index))).filter(isSentence));
    }
    assert.deepEqual(missing, []);
  });

  test(`effects and their parameters are there in ${language}`, () => {
    const titles = [...sources].filter(([name]) => name.startsWith('media/src/effects/')).flatMap(([, source]) => [...source.matchAll(/\btitle: "([^"]+)"|\b(?:number|colour|choice)\(\s*"\w+",\s*"([^"]+)"/g)].map(([, effect, param]) => effect ?? param));
    assert.ok(titles.length > 30);
    assert.deepEqual(titles.filter((title) => !Object.hasOwn(words.sentences, title)), []);
  });

  test(`all that is found is there in ${language}`, () => {
    const known = new Set([...entries(words).keys()].map(plain));
    const judge = literals(sources.get('web/src/health/judge.rs') ?? '').filter(isSaid);
    assert.ok(judge.length > 20);
    // All that these modules say is said to people, but for what is on the wire and in the log.
    const wholly = [
      'web/src/problem.rs', 'web/src/safe_mode.rs', 'web/src/tus/checksum.rs', 'web/src/tls/files.rs', 'core/src/layout/mod.rs', 'core/src/layout/points.rs', 'core/src/layout/ring.rs', 'core/src/layout/strip.rs',
      'output/src/condition.rs', 'output/src/host.rs', 'board/src/sensors.rs', 'board/src/heat.rs', 'board/src/light.rs', 'board/src/current.rs', 'engine/src/player/course.rs', 'engine/src/player/orders.rs',
      'media/src/limits.rs', 'media/src/content.rs', 'store/src/rules.rs', 'store/src/name.rs', 'store/src/file.rs', 'system/src/action.rs', 'system/src/bus.rs', 'system/src/system.rs', 'system/src/update/stage.rs',
      'prismatron/src/safe_mode.rs', 'prismatron/src/appliance/health_gate.rs',
    ];
    const unsaid = /^(Bearer realm|Checksum Mismatch|\{\} was asked for$)/;
    const said = wholly.flatMap((name) => {
      const source = sources.get(name);
      assert.ok(source, `there is no ${name}`);
      return literals(source.replace(/\b(?:tracing::\w+|e?println)!\([^;]*?\)[;,}]/g, '')).filter(isSentence);
    });
    assert.deepEqual([...judge, ...said].filter((text) => !known.has(text) && !known.has(`{}${text}`) && !unsaid.test(text)), []);
  });
}

test('sentences are said in German', async () => {
  const say = translator(await catalogue('de'), 'de-DE');
  const examples = {
    'the name or the password is wrong': 'Name oder Passwort ist falsch',
    // An error and its sources, down to what the system says.
    'could not make durable /data/settings.ron: No space left on device (os error 28)': '/data/settings.ron lässt sich nicht dauerhaft schreiben: kein Platz mehr (Fehler 28)',
    'cannot set the wall: output “Bar”: host “a b”: is neither a name nor an address': 'Die Wand einzurichten, geht nicht: Ausgang „Bar“: Host „a b“: ist weder ein Name noch eine Adresse',
    // A sentence within another, and a number in it.
    'failed 3 times in the last hour: the video is damaged from 3.5 s on: Invalid NAL': '3-mal gescheitert in der letzten Stunde: das Video ist ab 3,5 s beschädigt: Invalid NAL',
    'The settings file was damaged: it is empty. It was set aside as settings.ron.corrupt-1; the version before it is used instead.':
      'Die Datei der Einstellungen war beschädigt: es ist leer. Was da war, liegt jetzt unter settings.ron.corrupt-1; stattdessen gilt die Fassung davor.',
    'Slot B (2.0) was tried and given up: the service has failed. It logged last: boom. Slot A (1.0) runs.': 'Slot B (2.0) wurde versucht und aufgegeben: der Dienst ist ausgefallen. Zuletzt protokolliert: boom. Slot A (1.0) läuft.',
    // What is wrong with a field.
    'outputs[2].hosts: must have at least one host': 'outputs[2].hosts: braucht mindestens einen Host',
    // In a list.
    'cpu has 45 °C, dimmed to 40 %': 'cpu hat 45 °C, auf 40 % gedimmt',
    // A name is one, even where it says something.
    'item “the player has stopped”': 'Eintrag „the player has stopped“',
    'slot A (1.5)': 'Slot A (1.5)',
    // What is not known stays.
    'the moon is full': 'the moon is full',
    'items: missing field `id` at line 1 column 2': 'items: missing field `id` at line 1 column 2',
    '': '',
  };
  for (const [english, german] of Object.entries(examples)) assert.equal(say(english), german);
});

test('no text keeps the page busy', async () => {
  const say = translator(await catalogue('de'), 'de-DE');
  const began = performance.now();
  for (const piece of ['a: b, ', '“', 'could not read: ', ': was stopped: nothing came from it for ; ', 'the {what} is damaged: ', '. ']) say(piece.repeat(1000).slice(0, 1000));
  assert.equal(say('“'.repeat(2000)), '“'.repeat(2000));
  assert.ok(performance.now() - began < 2000, 'it takes too long');
});
