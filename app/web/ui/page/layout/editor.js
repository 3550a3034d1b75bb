/** The layout editor: pieces added, changed and numbered, drawn as they will be, and sent to the wall when asked for. */

/** @import { Layout, Piece } from '../types.js' */
/** @import { Key } from '../words.js' */
import { Problem, bytes, post, put, remove } from '../api.js';
import { el, setText } from '../dom.js';
import { count } from '../format.js';
import { icon } from '../icons.js';
import { layout, loadLayout } from '../model.js';
import { confirm } from '../parts/dialog.js';
import { chooseFile, field, number } from '../parts/form.js';
import { lightLeds } from '../parts/identify.js';
import { card } from '../parts/list.js';
import { menuAt } from '../parts/menu.js';
import { report, say } from '../parts/toast.js';
import { t } from '../words.js';
import { Board } from './board.js';
import { countOf, csvOf } from './geometry.js';
import { pieceForm } from './piece-form.js';

/** So long nothing is changed before the draft is checked. */
const CHECK_MS = 400;

/** @typedef {{canvas: {width: number, height: number}, pieces: Piece[]}} Draft */

/**
 * What is drawn; earlier drafts, the latest last; and what the wall has, the draft itself where nothing of that is unsent.
 * @typedef {{draft: Draft, before: Draft[], sent: Draft | null}} Work
 */

/** What was not sent when the editor was left, and whether it was said that the wall has got another. @type {Work & {isOther: boolean} | null} */
let left = null;

/** @param {AbortSignal} gone */
export function layoutEditor(gone) {
  /** @type {Work} */
  let { draft, before, sent } = left ?? { draft: { canvas: { width: 800, height: 480 }, pieces: [] }, before: [], sent: null };
  let chosen = -1;
  const board = new Board();
  const list = el('ol', { class: 'pieces' });
  const form = el('div', { class: 'piece-form' });
  const total = el('span', { class: 'head-note' });
  const width = number({ min: 1, max: 8192, step: 1, value: 800 });
  const height = number({ min: 1, max: 8192, step: 1, value: 480 });
  const add = el('button', { type: 'button', class: 'button' }, icon('plus'), t('layout.add'));
  const back = el('button', { type: 'button', class: 'button', onclick: () => undo() }, icon('restart'), t('undo'));
  const problem = el('p', { class: 'form-problem', role: 'alert' });
  const take = el('button', { type: 'button', class: 'button small', onclick: () => sent && edit(sent) }, t('layout.take'));
  const meanwhile = el('div', { class: 'layout-meanwhile', role: 'status' });
  const other = el('p', { class: 'notice', 'data-level': 'warning' }, icon('warning'), el('span', {}, t('layout.meanwhile')), el('span', { class: 'notice-actions' }, take));
  const light = el('button', { type: 'button', class: 'button', onclick: () => lightPiece().catch(report) }, icon('spark'), t('layout.light'));
  const save = el('button', { type: 'button', class: 'button button-main', onclick: () => keep().catch(report) }, t('layout.save'));
  const reset = el('button', { type: 'button', class: 'button', onclick: () => discard().catch(report) }, t('layout.reset'));

  /** @param {Draft} next */
  const edit = (next) => {
    before.push(draft);
    draft = next;
    show();
  };
  /** @param {number} index @param {Piece | null} piece `null` takes it out */
  const change = (index, piece) => edit({ ...draft, pieces: draft.pieces.flatMap((one, at) => (at === index ? (piece ? [piece] : []) : [one])) });
  const undo = () => {
    draft = before.pop() ?? draft;
    show();
  };
  /** @param {number} index */
  const choose = (index) => {
    chosen = index;
    show();
  };
  /** @param {...Piece} pieces */
  const append = (...pieces) => {
    chosen = draft.pieces.length;
    edit({ ...draft, pieces: [...draft.pieces, ...pieces] });
  };
  const isUnsent = () => draft !== sent;
  let asking = 0;
  /** Has the server place the draft, which knows what a wall may be. */
  const check = () => {
    clearTimeout(asking);
    setText(problem, '');
    const mine = draft;
    if (!isUnsent()) return;
    asking = setTimeout(async () => {
      const words = await bytes('/api/layout/preview', mine).then(() => '', (error) => (error instanceof Problem && error.status === 0 ? '' : error.message));
      if (mine !== draft) return;
      setText(problem, words);
      save.disabled = Boolean(words);
    }, CHECK_MS);
  };

  const show = () => {
    chosen = Math.min(chosen, draft.pieces.length - 1);
    board.set(draft.pieces, draft.canvas, chosen);
    setText(total, t('layout.total', { n: draft.pieces.reduce((sum, piece) => sum + countOf(piece), 0) }));
    width.value = String(draft.canvas.width);
    height.value = String(draft.canvas.height);
    back.disabled = before.length === 0;
    save.disabled = !isUnsent();
    if (!isUnsent()) meanwhile.replaceChildren();
    // Until it is sent, the wall has other numbers.
    light.disabled = chosen < 0 || isUnsent();
    check();
    let first = 1;
    list.replaceChildren(
      ...draft.pieces.map((piece, index) => {
        const last = first + countOf(piece) - 1;
        const row = el(
          'li',
          {},
          el(
            'button',
            { type: 'button', class: 'piece', 'aria-pressed': String(index === chosen), onclick: () => choose(index) },
            el('span', { class: 'piece-dot', 'data-hue': String(index % 6) }),
            el('span', { class: 'piece-name' }, t(`piece.${piece.type}`)),
            el('span', { class: 'piece-facts' }, t('layout.numbers', { from: count(first), to: count(last) })),
          ),
        );
        first = last + 1;
        return row;
      }),
    );
    const piece = draft.pieces[chosen];
    // A form that is being typed in is left alone.
    if (piece && form.dataset.of === `${chosen} ${JSON.stringify(piece)}`) return;
    form.dataset.of = piece ? `${chosen} ${JSON.stringify(piece)}` : '';
    form.replaceChildren(
      ...(piece
        ? pieceForm(piece, draft.canvas, {
            change: (next) => {
              form.dataset.of = `${chosen} ${JSON.stringify(next)}`;
              change(chosen, next);
            },
            remove: () => change(chosen, null),
            order: (step) => {
              const pieces = [...draft.pieces];
              const to = chosen + step;
              if (to < 0 || to >= pieces.length) return;
              pieces.splice(to, 0, ...pieces.splice(chosen, 1));
              chosen = to;
              edit({ ...draft, pieces });
            },
          })
        : [el('p', { class: 'note' }, t('layout.choose'))]),
    );
  };

  const resize = () => {
    const size = { width: Number(width.value), height: Number(height.value) };
    if (size.width >= 1 && size.height >= 1) edit({ ...draft, canvas: size });
  };
  width.addEventListener('change', resize);
  height.addEventListener('change', resize);
  board.onchoose = choose;
  board.onedit = change;

  const lightPiece = async () => {
    const piece = draft.pieces[chosen];
    if (piece) await lightLeds(draft.pieces.slice(0, chosen).reduce((sum, one) => sum + countOf(one), 0), countOf(piece));
  };
  const keep = async () => {
    const known = sent;
    await loadLayout();
    // What others have sent meanwhile is said before it is replaced.
    if (sent !== known) return;
    const mine = draft;
    const now = await put('/api/layout', mine);
    sent = draftOf(now);
    if (draft === mine) draft = sent;
    layout.value = now;
    meanwhile.replaceChildren();
    show();
    say(t('layout.saved'));
  };
  const discard = () =>
    confirm({ title: t('layout.reset'), action: t('layout.reset'), danger: true }, t('layout.reset-ask'), async () => {
      await remove('/api/layout');
      await loadLayout();
      if (sent && isUnsent()) edit(sent);
    });
  menuAt(add, () => {
    const { width: w, height: h } = draft.canvas;
    /** @type {[Key, Piece][]} */
    const fresh = [
      ['piece.matrix', { type: 'matrix', columns: 16, rows: 16, origin: [w / 4, h / 4], extent: [h / 2, h / 2], serpentine: true }],
      ['piece.strip', { type: 'strip', count: 60, path: [[w * 0.1, h / 2], [w * 0.9, h / 2]] }],
      ['piece.ring', { type: 'ring', count: 24, centre: [w / 2, h / 2], radius: h / 4 }],
    ];
    return [
      ...fresh.map(([key, piece]) => ({ label: t(key), icon: /** @type {const} */ ('grid'), run: () => append(piece) })),
      { label: t('layout.csv'), icon: 'upload', run: () => importPoints(append).catch(report) },
    ];
  });
  if (left) show();
  if (left?.isOther) meanwhile.replaceChildren(other);
  gone.addEventListener('abort', () => {
    left = sent && isUnsent() ? { draft, before, sent, isOther: meanwhile.contains(other) } : null;
  });
  layout.follow((/** @type {Layout | null} */ now) => {
    if (!now) return;
    reset.hidden = now.source !== 'page';
    const theirs = draftOf(now);
    if (JSON.stringify(theirs) === JSON.stringify(sent)) return;
    // What is not sent yet stays, and what was sent is kept to go back to.
    if (sent && isUnsent()) meanwhile.replaceChildren(other);
    else {
      if (sent) before.push(sent);
      draft = theirs;
    }
    sent = theirs;
    show();
  }, gone);
  return card(
    t('layout'),
    total,
    el('div', { class: 'layout-tools' }, add, light, back, reset, save),
    problem,
    meanwhile,
    el(
      'div',
      { class: 'layout-editor' },
      board,
      el('div', { class: 'layout-side' }, list, form, el('div', { class: 'fields' }, field(t('layout.width'), width), field(t('layout.height'), height))),
    ),
  );
}

/** @param {Layout} layout @returns {Draft} */
const draftOf = ({ canvas, pieces }) => ({ canvas, pieces });

/** @param {(...pieces: Piece[]) => void} use */
async function importPoints(use) {
  const file = await chooseFile('.csv,.txt,.tsv,text/csv,text/plain');
  if (!file) return;
  /** @type {{pieces: Piece[]}} */
  const { pieces } = await post('/api/layout/points', new Blob([csvOf(await file.text())], { type: 'text/csv' }));
  use(...pieces);
  say(t('layout.csv-read', { n: pieces.reduce((sum, piece) => sum + countOf(piece), 0) }));
}
