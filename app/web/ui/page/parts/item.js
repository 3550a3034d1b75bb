/** What an item of a playlist looks like: its picture, its length, and what it is in words. */

/** @import { Content, Item, NewItem } from '../types.js' */
import { el } from '../dom.js';
import { clock, span } from '../format.js';
import { icon } from '../icons.js';
import { library } from '../model.js';
import { fromServer, t } from '../words.js';

/** @param {Content} content */
const mediaOf = (content) => (content.type === 'media' ? library.value.find((one) => one.id === content.media) : undefined);

/** @param {Content} content */
export function itemPicture(content) {
  if (content.type === 'media') {
    if (!mediaOf(content)) return icon('still');
    const image = el('img', { src: `/api/media/${content.media}/thumbnail`, alt: '', loading: 'lazy', decoding: 'async', draggable: 'false' });
    image.addEventListener('error', () => image.replaceWith(icon('still')));
    return image;
  }
  if (content.type === 'text') {
    const letter = el('span', { class: 'row-letter' }, [...content.text.trim()][0] ?? 'A');
    letter.style.color = content.colour ?? '#ffffff';
    letter.style.backgroundColor = content.background ?? '#000000';
    return letter;
  }
  return icon('spark');
}

/** What an item is called; of a file or a text that is somebody's own words. @param {Item} item */
export function itemTitle({ title, content, problem }) {
  if (content.type === 'effect') return fromServer(title);
  return content.type === 'media' && problem && !mediaOf(content) ? t('item.no-file') : title;
}

/** The same of the one that is on. @param {{title: string, effect: string | null}} item */
export const currentTitle = ({ title, effect }) => (effect ? fromServer(title) : title);

/** An item as one to be. @param {Item} item @returns {NewItem} */
export const asNew = ({ content, duration_seconds, fit, transition }) => ({ content, duration_seconds, fit, transition });

/** @param {Item} item */
export function itemFacts(item) {
  const kind = item.content.type === 'media' ? t(`kind.${mediaOf(item.content)?.kind ?? 'file'}`) : t(`kind.${item.content.type}`);
  const way = item.transition;
  const seconds = way && way.type !== 'cut' && way.duration_seconds ? ` ${span(way.duration_seconds)}` : '';
  return [kind, way ? `${t(`way-in.${way.type}`)}${seconds}` : ''].filter(Boolean).join(' · ');
}

/** @param {Item} item */
export function itemLength(item) {
  if (item.duration_seconds !== null && item.duration_seconds !== undefined) return clock(item.duration_seconds);
  const media = mediaOf(item.content);
  return media && media.duration_seconds !== null && media.kind !== 'still' ? clock(media.duration_seconds) : '';
}
