/** The wall in figures: how many LEDs, and how each controller fares. */

/** @import { Output, OutputStatus, Protocol, Status } from './types.js' */
import { byId, el, setText } from './dom.js';
import { count, plural } from './format.js';
import { layout, outputs, status } from './model.js';

const list = byId('outputs', HTMLElement);
const line = byId('outputs-health', HTMLElement);
const wall = byId('wall-facts', HTMLElement);
const empty = byId('outputs-empty', HTMLElement);
const tabs = byId('tab-outputs', HTMLElement);

const STATE_WORDS = { off: 'Off', waiting: 'Waiting', sending: 'Sending', failing: 'Failing' };

export function startOutputs() {
  status.follow(show);
  outputs.follow(() => show(status.value));
  layout.follow((now) => {
    if (now) setText(wall, `${count(now.leds)} LEDs on ${now.canvas.width} × ${now.canvas.height}`);
  });
}

/** @param {Status | null} now */
function show(now) {
  if (!now) return;
  const states = now.outputs;
  const enabled = states.filter((one) => one.state !== 'off');
  const well = enabled.filter((one) => one.state === 'sending');
  const failing = states.some((one) => one.state === 'failing');
  setText(
    line,
    enabled.length === 0 ? 'Nothing is sent: no output is on' : well.length === enabled.length ? `${plural(well.length, 'output')} sending` : `${well.length} of ${plural(enabled.length, 'output')} sending`,
  );
  line.dataset.state = failing ? 'failing' : enabled.length && well.length === enabled.length ? 'sending' : 'waiting';
  tabs.dataset.state = failing ? 'failing' : '';
  empty.hidden = states.length > 0;
  states.forEach((state, index) => {
    const spec = outputs.value.find((one) => one.name === state.name);
    let row = list.children[index];
    if (!row) {
      row = el('li', { class: 'output' }, el('span', { class: 'dot', 'aria-hidden': 'true' }), el('span', { class: 'output-name' }), el('span', { class: 'output-state' }), el('span', { class: 'output-facts' }), el('span', { class: 'output-message' }));
      list.append(row);
    }
    /** @param {string} part @param {string} text */
    const put = (part, text) => setText(/** @type {Element} */ (row?.querySelector(part)), text);
    row.setAttribute('data-state', state.state);
    put('.output-name', state.name ?? '');
    put('.output-state', STATE_WORDS[state.state]);
    put('.output-facts', facts(state, spec));
    put('.output-message', state.message ?? '');
  });
  while (list.children.length > states.length) list.lastElementChild?.remove();
}

/** @param {OutputStatus} state @param {Output | undefined} spec */
function facts(state, spec) {
  const amps = state.current_ma ? `${(state.current_ma / 1000).toFixed(1)} A${state.limited ? ', held at its limit' : ''}` : '';
  const dropped = state.dropped_frames > 0 ? `${plural(state.dropped_frames, 'frame')} skipped` : '';
  const others = state.failovers > 0 ? `${plural(state.failovers, 'change')} of host` : '';
  return [spec ? protocol(spec.protocol) : '', state.host ?? '', state.device ?? '', spec?.leds ? `LEDs ${count(spec.leds.first + 1)} to ${count(spec.leds.first + spec.leds.count)}` : '', amps, dropped, others]
    .filter(Boolean)
    .join(' · ');
}

/** @param {Protocol} of */
function protocol(of) {
  if (of.type === 'ddp') return 'DDP';
  if (of.type === 'sacn') return `E1.31 from universe ${of.universe}${of.multicast ? ', multicast' : ''}`;
  return `Art-Net from universe ${of.universe}`;
}
