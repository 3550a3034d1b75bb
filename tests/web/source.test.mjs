/**
 * The page's source: words stand in the catalogues and nowhere else, every language has all of them, the types are those
 * of the API's description, and no module has grown too long. Needs no server.
 */

import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const here = path.dirname(fileURLToPath(import.meta.url));
const web = path.join(here, '../../app/web');
const ui = path.join(web, 'ui');
const LONGEST = 400;

/** Files of the page, by their path from `ui`. @param {string} ending */
const files = (ending) => readdirSync(ui, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith(ending)).sort();
const read = (name) => readFileSync(path.join(ui, name), 'utf8');
const modules = () => files('.js').filter((name) => !name.startsWith(path.join('page', 'words') + path.sep));
const catalogue = async (language) => (await import(path.join(ui, 'page/words', `${language}.js`))).default;
const languages = readdirSync(path.join(ui, 'page/words')).filter((name) => name.endsWith('.js')).map((name) => path.basename(name, '.js'));
const placeholders = (text) => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
const forms = (entry) => (typeof entry === 'string' ? { '': entry } : entry);

test('every language has every text, with the same forms and places', async () => {
  const english = await catalogue('en');
  assert.ok(languages.includes('de') && languages.length >= 2);
  for (const language of languages) {
    const other = await catalogue(language);
    assert.deepEqual(Object.keys(other).sort(), Object.keys(english).sort(), `keys of ${language}`);
    for (const [key, entry] of Object.entries(english)) {
      assert.deepEqual(Object.keys(forms(other[key])).sort(), Object.keys(forms(entry)).sort(), `forms of ${key} in ${language}`);
      for (const [form, text] of Object.entries(forms(entry))) {
        assert.ok(forms(other[key])[form].trim(), `${key} is empty in ${language}`);
        // “once” needs no number.
        const counted = (names) => names.filter((name) => name !== 'n' || form !== 'one');
        assert.deepEqual(counted(placeholders(forms(other[key])[form])), counted(placeholders(text)), `places of ${key} in ${language}`);
      }
    }
  }
});

/** Every string in a module, with what it is part of. @param {string} name */
function strings(name) {
  const source = ts.createSourceFile(name, read(name), ts.ScriptTarget.ES2022, true, ts.ScriptKind.JS);
  const found = [];
  const visit = (node) => {
    if (ts.isStringLiteralLike(node)) found.push({ node, text: node.text });
    else if (ts.isTemplateExpression(node)) found.push({ node, text: [node.head, ...node.templateSpans.map((span) => span.literal)].map((part) => part.text).join('{}') });
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Whether a string looks like something said to a person. @param {string} text */
const isSaid = (text) => /(^|[^\w./#-])[A-ZÄÖÜ][a-zäöü]+($|[\s.,:!?…])/.test(text) || /[a-zäöü]{2,} [a-zäöü]{2,} [a-zäöü]{2,}/.test(text);

/** Whether nobody sees it: an error of the program itself, a class, a selector, a header, a type. @param {ts.Node} node */
function isUnseen(node) {
  let { parent } = node;
  while (ts.isConditionalExpression(parent) || ts.isParenthesizedExpression(parent)) ({ parent } = parent);
  if (ts.isImportDeclaration(parent) || ts.isNewExpression(parent)) return true;
  if (ts.isPropertyAssignment(parent)) return parent.name === node || ['class', 'method', 'autocomplete', 'Accept', 'Content-Type'].includes(parent.name.text);
  return ts.isCallExpression(parent) && /\b(closest|querySelector|querySelectorAll|matchMedia|setRequestHeader|getResponseHeader|get|matches)$/.test(parent.expression.getText());
}

test('no module says anything that is not in the catalogues', () => {
  // Names that are the same in every language, and those that nobody sees.
  const names = /^(Prismatron|systemd|DDP|English|Deutsch|\{\} · Prismatron|Problem|Escape|Tab|Delete|Arrow\w*|GET|Files)$/;
  const said = [];
  for (const name of modules().filter((name) => !name.endsWith('shaders.js') && !name.endsWith('icons.js'))) {
    for (const { node, text } of strings(name)) if (isSaid(text) && !names.test(text) && !isUnseen(node)) said.push(`${name}: ${text}`);
  }
  assert.deepEqual(said, []);
});

test('every text of the catalogue is said somewhere', async () => {
  const used = new Set();
  const prefixes = [];
  for (const name of modules()) {
    for (const { text } of strings(name)) {
      used.add(text);
      const [start, ...rest] = text.split('{}');
      if (rest.length && start?.includes('.')) prefixes.push(new RegExp(`^${text.split('{}').map((part) => part.replaceAll('.', '\\.')).join('[\\w.-]+')}$`));
    }
  }
  const unused = Object.keys(await catalogue('en')).filter((key) => !used.has(key) && !prefixes.some((prefix) => prefix.test(key)));
  assert.deepEqual(unused, []);
});

test('the types are those of the API’s description', async () => {
  const { default: generate, astToString } = await import('openapi-typescript');
  const made = astToString(await generate(new URL(path.join(web, 'openapi.json'), 'file:')));
  const kept = readFileSync(path.join(web, 'api.d.ts'), 'utf8');
  assert.ok(kept.endsWith(made), 'run: npm --prefix tests/web run types');
});

test('no module is too long', () => {
  const long = [...files('.js'), ...files('.css')].filter((name) => !name.includes('words') && read(name).split('\n').length > LONGEST + 1);
  assert.deepEqual(long, []);
});

/** The modules that a module needs before it can run, by their path from `ui`. @param {string} name */
function needed(name) {
  const source = ts.createSourceFile(name, read(name), ts.ScriptTarget.ES2022, false, ts.ScriptKind.JS);
  const links = source.statements.filter((one) => ts.isImportDeclaration(one) || (ts.isExportDeclaration(one) && one.moduleSpecifier));
  return links.map((one) => path.posix.join(path.posix.dirname(name), one.moduleSpecifier.text));
}

test('what is looked at first is asked for at once, and nothing else', () => {
  const first = new Set(['page/main.js', 'page/views/now.js']);
  // A set is gone through to those that are added on the way.
  for (const name of first) for (const other of needed(name)) first.add(other);
  const asked = [...read('index.html').matchAll(/(?:modulepreload" href|script type="module"(?: async)? src)="([^"]+)"/g)].map(([, name]) => name);
  assert.deepEqual(asked.sort(), [...first].sort());
});
