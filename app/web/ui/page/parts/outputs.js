/** How each controller fares, in figures that run. */

/** @import { Output, OutputSpec, OutputStatus, Protocol } from '../types.js' */
import { Problem, put } from '../api.js';
import { el, setText } from '../dom.js';
import { count, number, size } from '../format.js';
import { icon } from '../icons.js';
import { link, loadOutputs, outputs, status } from '../model.js';
import { queue } from '../turns.js';
import { may } from '../who.js';
import { fromServer, t } from '../words.js';
import { lightLeds } from './identify.js';
import { menuAt } from './menu.js';
import { editOutput, freshOutput } from './output-form.js';
import { report, say } from './toast.js';

/** @param {AbortSignal} gone */
export function outputsList(gone) {
  const line = el('span', { class: 'state-line', id: 'outputs-health' });
  const list = el('ul', { class: 'outputs', id: 'outputs' });
  // Before the first answer nobody knows whether there are any.
  const empty = el('p', { class: 'empty', hidden: true }, t('outputs.empty'));
  /** Frames and bytes of each output when they were last told, for rates. @type {Map<string, {at: number, frames: number, bytes: number, fps: number, rate: number}>} */
  const before = new Map();
  /** By name: which place an output has in the list changes with the others. @type {Map<string, HTMLElement>} */
  const rows = new Map();

  const show = () => {
    if (!status.value) return;
    const states = status.value.outputs;
    // Of a machine that does not answer nothing is known but what it was told to do.
    const isLost = link.value === 'lost';
    const enabled = states.filter((one) => one.state !== 'off');
    const well = enabled.filter((one) => one.state === 'sending');
    setText(line, isLost ? t('health.unknown') : enabled.length === 0 ? t('outputs.none-on') : t('outputs.sending', { n: enabled.length, sending: well.length }));
    line.dataset.state = isLost ? 'unknown' : states.some((one) => one.state === 'failing') ? 'failing' : enabled.length && well.length === enabled.length ? 'sending' : 'waiting';
    empty.hidden = states.length > 0;
    for (const [name, row] of rows) {
      if (states.some((one) => one.name === name)) continue;
      row.remove();
      rows.delete(name);
    }
    states.forEach((state, index) => {
      const { name } = state;
      const spec = outputs.value.find((one) => one.name === name);
      const row = rows.get(name) ?? el('li', { class: 'output' }, ...['dot', 'output-name', 'output-state', 'output-facts', 'output-rates', 'output-message'].map((part) => el('span', { class: part })));
      rows.set(name, row);
      if (list.children[index] !== row) list.insertBefore(row, list.children[index] ?? null);
      if (may('admin') && spec && row.lastElementChild?.tagName !== 'BUTTON') row.append(moreOf(name));
      /** @param {string} part @param {string} text */
      const fill = (part, text) => setText(/** @type {Element} */ (row.querySelector(part)), text);
      row.dataset.state = isLost ? 'unknown' : state.state;
      fill('.output-name', name);
      fill('.output-state', isLost ? t('state.unknown') : t(`output.${state.state}`));
      fill('.output-facts', facts(isLost ? null : state, spec));
      fill('.output-rates', isLost ? '' : rates(state, before));
      fill('.output-message', isLost ? '' : fromServer(state.message ?? ''));
    });
  };
  status.follow(show, gone);
  outputs.follow(show, gone);
  link.follow(show, gone);
  return { line, list, empty };
}

/** How an output is set, as it is sent. @param {Output} output @returns {OutputSpec} */
function plain({ status: _, ...spec }) {
  return spec;
}

const inTurn = queue();

/** Changes the list of outputs as it is on the server by now, where others change it too. @param {(now: OutputSpec[]) => OutputSpec[]} changed */
const keep = (changed) =>
  inTurn(async () => {
    await loadOutputs();
    await put('/api/outputs', { outputs: changed(outputs.value.map(plain)) });
    await loadOutputs().catch(report);
  });

/** @param {Partial<OutputSpec>} [known] what is known of it already */
export function addOutput(known = {}) {
  return editOutput(t('outputs.add'), { ...freshOutput(), ...known }, (made) => keep((now) => [...now, made]));
}

/** What can be done to an output. @param {string} name */
function moreOf(name) {
  const more = el('button', { type: 'button', class: 'button-icon small output-more', 'aria-label': t('more-for', { name }) }, icon('more'));
  /** @param {(output: OutputSpec) => OutputSpec} changed */
  const change = (changed) =>
    keep((now) => {
      if (!now.some((one) => one.name === name)) throw new Problem(404, t('outputs.gone', { name }));
      return now.map((one) => (one.name === name ? changed(one) : one));
    });
  menuAt(more, () => {
    const output = outputs.value.find((one) => one.name === name);
    if (!output) return [];
    const { leds } = output;
    /** @type {import('./menu.js').Command[]} */
    const light = leds ? [{ label: t('output.light'), icon: 'spark', run: () => lightLeds(leds.first, leds.count).catch(report) }] : [];
    return [
      { label: t('item.settings'), icon: 'sliders', run: () => editOutput(name, plain(output), (made) => change(() => made)) },
      { label: t(output.enabled ? 'output.switch-off' : 'output.switch-on'), icon: 'power', run: () => change((one) => ({ ...one, enabled: !output.enabled })).catch(report) },
      ...light,
      { label: t('delete'), icon: 'bin', danger: true, run: () => discard(output).catch(report) },
    ];
  });
  return more;
}

/** @param {Output} output */
async function discard(output) {
  const at = outputs.value.findIndex((one) => one.name === output.name);
  await keep((now) => now.filter((one) => one.name !== output.name));
  say(t('outputs.deleted', { name: output.name }), { label: t('undo'), run: () => keep((now) => now.toSpliced(at, 0, plain(output))).catch(report) });
}

/** @param {OutputStatus} state @param {Map<string, {at: number, frames: number, bytes: number, fps: number, rate: number}>} before */
function rates(state, before) {
  const now = performance.now();
  const { name } = state;
  const last = before.get(name);
  const seconds = last ? (now - last.at) / 1000 : 0;
  if (!last || state.frames < last.frames) before.set(name, { at: now, frames: state.frames, bytes: state.bytes, fps: 0, rate: 0 });
  else if (seconds >= 1) before.set(name, { at: now, frames: state.frames, bytes: state.bytes, fps: (state.frames - last.frames) / seconds, rate: (state.bytes - last.bytes) / seconds });
  const { fps, rate } = before.get(name) ?? { fps: 0, rate: 0 };
  return [
    t('output.rate', { fps: number(fps, 0), rate: size(Math.round(rate)) }),
    t('output.frames', { n: state.frames }),
    state.dropped_frames ? t('output.dropped', { n: state.dropped_frames }) : '',
    state.send_errors ? t('output.errors', { n: state.send_errors }) : '',
    state.failovers ? t('output.failovers', { n: state.failovers }) : '',
  ].filter(Boolean).join(' · ');
}

/** @param {OutputStatus | null} state `null` where it is not known @param {Output | undefined} spec */
function facts(state, spec) {
  const amps = state?.current_ma ? t(state.limited ? 'output.amps-limited' : 'output.amps', { amps: number(state.current_ma / 1000, 1) }) : '';
  const leds = spec?.leds ? t('output.leds', { from: count(spec.leds.first + 1), to: count(spec.leds.first + spec.leds.count) }) : '';
  return [spec ? protocolWords(spec.protocol) : '', state?.host ?? '', state?.device ?? '', leds, amps].filter(Boolean).join(' · ');
}

/** @param {Protocol} of */
export function protocolWords(of) {
  if (of.type === 'ddp') return 'DDP';
  if (of.type === 'sacn') return t(of.multicast ? 'output.sacn-multicast' : 'output.sacn', { universe: String(of.universe) });
  if (of.type === 'spi') return t('output.spi', { chip: of.chip.toUpperCase() });
  return t('output.artnet', { universe: String(of.universe) });
}
