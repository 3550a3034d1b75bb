/** The dialog in which a controller is added and changed: how it is reached, which LEDs it has, how much current they may draw. */

/** @import { OutputSpec } from '../types.js' */
import { el } from '../dom.js';
import { t } from '../words.js';
import { openDialog } from './dialog.js';
import { field, number, select, toggle } from './form.js';

const CHIPS = /** @type {const} */ (['ws2812', 'sk6812', 'apa102', 'sk9822']);
/** The order of colours that most of them want. @type {Record<(typeof CHIPS)[number], (typeof ORDERS)[number]>} */
const USUAL = { ws2812: 'grb', sk6812: 'grbw', apa102: 'bgr', sk9822: 'bgr' };
const ORDERS = /** @type {const} */ (['rgb', 'rbg', 'grb', 'gbr', 'brg', 'bgr', 'rgbw', 'grbw']);

/** @returns {OutputSpec} */
export const freshOutput = () => ({ name: '', enabled: true, protocol: { type: 'ddp' }, hosts: [], probe: { type: 'wled' } });

/** @param {string} title @param {OutputSpec} output @param {(output: OutputSpec) => Promise<unknown>} use */
export function editOutput(title, output, use) {
  const protocol = output.protocol ?? { type: 'ddp' };
  const name = el('input', { type: 'text', required: true, maxlength: 100, value: output.name ?? '', autocomplete: 'off' });
  const enabled = toggle(t('output.enabled'), output.enabled ?? true);
  const kind = select([['ddp', 'DDP'], ['sacn', 'E1.31'], ['artnet', 'Art-Net'], ['spi', 'SPI']], protocol.type);
  const hosts = el('input', { type: 'text', value: protocol.type === 'spi' ? '' : (output.hosts ?? []).join(', '), autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false', placeholder: 'wled-1.local' });
  const device = el('input', { type: 'text', required: true, value: protocol.type === 'spi' ? (output.hosts?.[0] ?? '') : '', autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false', placeholder: 'spidev0.0' });
  const universe = number({ min: 0, max: 63999, step: 1, value: 'universe' in protocol ? protocol.universe : 1 });
  const multicast = toggle(t('output.multicast'), protocol.type === 'sacn' && (protocol.multicast ?? false));
  const chip = select(CHIPS.map((one) => [one, one.toUpperCase()]), protocol.type === 'spi' ? protocol.chip : 'ws2812');
  const clock = number({ min: 100, max: 30_000, step: 1, value: protocol.type === 'spi' ? (protocol.clock_khz ?? '') : '', optional: true });
  const first = number({ min: 1, max: 1_000_000, step: 1, value: output.leds ? output.leds.first + 1 : '', optional: true });
  const count = number({ min: 1, max: 1_000_000, step: 1, value: output.leds?.count ?? '', optional: true });
  const order = select(ORDERS.map((one) => [one, one.toUpperCase()]), output.colour_order ?? 'rgb');
  const fps = number({ min: 1, max: 240, step: 1, value: output.max_fps ?? '', optional: true });
  const pace = number({ min: 0, max: 1000, step: 1, value: output.pace_ms ?? 0 });
  const perLed = number({ min: 1, max: 1000, step: 1, value: output.power?.per_led_ma ?? 55 });
  const budget = number({ min: 0.1, max: 10_000, step: 'any', value: output.power ? output.power.budget_ma / 1000 : '', optional: true });
  const probe = toggle(t('output.probe'), output.probe?.type === 'wled');
  const universeField = field(t('output.universe'), universe);
  const chipField = field(t('output.chip'), chip);
  const clockField = field(t('output.clock'), clock);
  const hostsField = field(t('output.hosts'), hosts, t('output.hosts-note'));
  const deviceField = field(t('output.device'), device, t('output.device-note'));
  const paceField = field(t('output.pace'), pace);
  const choose = () => {
    const isWired = kind.value === 'spi';
    universeField.hidden = universe.disabled = kind.value !== 'sacn' && kind.value !== 'artnet';
    deviceField.hidden = device.disabled = chipField.hidden = chip.disabled = !isWired;
    clockField.hidden = clock.disabled = !isWired || !['apa102', 'sk9822'].includes(chip.value);
    hostsField.hidden = hosts.disabled = paceField.hidden = pace.disabled = probe.control.hidden = isWired;
    multicast.control.hidden = kind.value !== 'sacn';
    hosts.required = !(kind.value === 'sacn' && multicast.input.checked);
  };
  // Wired LEDs have an order that they usually want; what was chosen for a network stays for another.
  let wasWired = protocol.type === 'spi';
  for (const chosen of [kind, chip]) {
    chosen.addEventListener('change', () => {
      const isWired = kind.value === 'spi';
      if (isWired) order.value = USUAL[/** @type {(typeof CHIPS)[number]} */ (chip.value)];
      else if (wasWired) order.value = 'rgb';
      wasWired = isWired;
      choose();
    });
  }
  multicast.input.addEventListener('change', choose);
  choose();
  /** @returns {NonNullable<OutputSpec['protocol']>} */
  const readProtocol = () => {
    if (kind.value === 'sacn') return { ...(protocol.type === 'sacn' ? protocol : {}), type: 'sacn', universe: Number(universe.value), multicast: multicast.input.checked };
    if (kind.value === 'artnet') return { ...(protocol.type === 'artnet' ? protocol : {}), type: 'artnet', universe: Number(universe.value) };
    if (kind.value === 'spi') return { type: 'spi', chip: /** @type {(typeof CHIPS)[number]} */ (chip.value), clock_khz: clock.value && !clock.disabled ? Number(clock.value) : null };
    return protocol.type === 'ddp' ? protocol : { type: 'ddp' };
  };
  /** @returns {OutputSpec} */
  const read = () => ({
    name: name.value.trim(),
    enabled: enabled.input.checked,
    protocol: readProtocol(),
    hosts: device.disabled ? hosts.value.split(/[,\s]+/).filter(Boolean) : [device.value.trim()],
    leds: first.value && count.value ? { first: Number(first.value) - 1, count: Number(count.value) } : null,
    colour_order: /** @type {(typeof ORDERS)[number]} */ (order.value),
    max_fps: fps.value ? Number(fps.value) : null,
    pace_ms: pace.disabled ? 0 : Number(pace.value),
    power: budget.value ? { per_led_ma: Number(perLed.value), budget_ma: Math.round(Number(budget.value) * 1000) } : null,
    probe: probe.input.checked && device.disabled ? (output.probe?.type === 'wled' ? output.probe : { type: 'wled' }) : { type: 'none' },
  });
  return openDialog({ title, action: t('save'), wide: true }, [
    el('div', { class: 'fields' }, field(t('name'), name), field(t('output.protocol'), kind), universeField, chipField, deviceField, clockField),
    multicast.control,
    hostsField,
    el('div', { class: 'fields' }, field(t('output.first-led'), first, t('output.leds-note')), field(t('output.led-count'), count), field(t('output.order'), order), field(t('output.fps'), fps), paceField),
    el('h3', { class: 'form-part' }, t('output.power')),
    el('div', { class: 'fields' }, field(t('output.budget'), budget, t('output.budget-note')), field(t('output.per-led'), perLed)),
    probe.control,
    enabled.control,
  ], () => use(read()));
}
