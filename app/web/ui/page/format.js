/** Numbers, times and sizes as people read them, in their locale. */

import { locale, t } from './words.js';

/** Seconds as `m:ss` or `h:mm:ss`. @param {number} seconds */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const h = Math.floor(whole / 3600);
  const m = Math.floor(whole / 60) % 60;
  const s = String(whole % 60).padStart(2, '0');
  return h > 0 ? `${h}:${String(m).padStart(2, '0')}:${s}` : `${m}:${s}`;
}

/** A length of time: `3.2 s`, `42 s`, `3 min 20 s`, `2 h 5 min`, `3 d 4 h`. @param {number} seconds */
export function span(seconds) {
  if (seconds < 10) return `${number(seconds, 1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min${whole % 60 ? ` ${whole % 60} s` : ''}`;
  const minutes = Math.round(whole / 60);
  if (minutes < 1440) return `${Math.floor(minutes / 60)} h${minutes % 60 ? ` ${minutes % 60} min` : ''}`;
  const hours = Math.round(minutes / 60);
  return `${Math.floor(hours / 24)} d${hours % 24 ? ` ${hours % 24} h` : ''}`;
}

/** @param {number} value @param {number} [digits] most of them after the point */
export const number = (value, digits = 0) => value.toLocaleString(locale(), { maximumFractionDigits: digits });

/** @param {number} bytes */
export function size(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  let value = bytes;
  let unit = '';
  for (unit of ['kB', 'MB', 'GB', 'TB']) {
    value /= 1000;
    if (value < 999.5) break;
  }
  return `${number(value, value < 10 ? 1 : 0)} ${unit}`;
}

/** A temperature, in what whoever looks is used to. @param {number} celsius */
export function warmth(celsius) {
  const region = new Intl.Locale(locale()).maximize().region ?? '';
  return ['US', 'LR', 'BS', 'BZ', 'KY', 'PW'].includes(region) ? `${number(celsius * 1.8 + 32)} °F` : `${number(celsius)} °C`;
}

/** @param {number} share of one */
export const percent = (share) => share.toLocaleString(locale(), { style: 'percent', maximumFractionDigits: share > 0 && share < 0.0995 ? 1 : 0 });

/** A date as `3 Feb 2026`. @param {string} time RFC 3339 */
export const day = (time) => new Date(time).toLocaleDateString(locale(), { dateStyle: 'medium' });

/** Date and time as `3 Feb 2026, 14:05:09`. @param {string} time RFC 3339 */
export const moment = (time) => new Date(time).toLocaleString(locale(), { dateStyle: 'medium', timeStyle: 'medium' });

/** How long ago, in words. @param {string} time RFC 3339 */
export function ago(time) {
  const seconds = Math.max(0, (Date.now() - Date.parse(time)) / 1000);
  return t('ago', { span: span(seconds) });
}

/** @param {number} n */
export const count = (n) => n.toLocaleString(locale());
