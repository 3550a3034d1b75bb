/** What moves, shown moving: a film or an animation over its own still picture. */

/** @import { Media } from '../types.js' */
import { el } from '../dom.js';
import { icon } from '../icons.js';
import { t } from '../words.js';

const isLess = () => matchMedia('(prefers-reduced-motion: reduce)').matches;

/** Moves while the pointer or the focus of the keyboard is on the picture. @param {HTMLElement} picture @param {Media} media */
export function moveAt(picture, media) {
  /** @type {HTMLElement | null} */
  let moving = null;
  const end = () => {
    moving?.remove();
    moving = null;
  };
  const begin = () => {
    end();
    if (isLess()) return;
    const mine = motion(media, () => mine.remove());
    moving = mine;
    picture.append(mine);
  };
  picture.addEventListener('pointerenter', (event) => {
    if (event.pointerType !== 'touch') begin();
  });
  picture.addEventListener('pointerleave', end);
  picture.addEventListener('focus', () => {
    if (picture.matches(':focus-visible')) begin();
  });
  picture.addEventListener('blur', end);
}

/** The picture with a button that lets it move or stand still. @param {Media} media */
export function movingPicture(media) {
  const still = el('img', { src: `/api/media/${media.id}/thumbnail`, alt: '', class: 'details-still' });
  still.addEventListener('error', () => still.remove());
  const button = el('button', { type: 'button', class: 'button-icon details-motion' });
  const whole = el('div', { class: 'details-picture' }, still, button);
  /** @type {HTMLElement | null} */
  let moving = null;
  const set = (/** @type {boolean} */ wanted) => {
    moving?.remove();
    moving = wanted ? motion(media, cannot) : null;
    if (moving) button.before(moving);
    const words = t(wanted ? 'play.stop' : 'play.play');
    button.replaceChildren(icon(wanted ? 'stop' : 'play'));
    button.setAttribute('aria-label', words);
    button.title = words;
  };
  const cannot = () => {
    moving?.remove();
    button.remove();
  };
  button.addEventListener('click', () => set(moving === null));
  set(!isLess());
  return whole;
}

/** @param {Media} media @param {() => void} cannot told where this browser cannot play it */
function motion(media, cannot) {
  const src = `/api/media/${media.id}/file`;
  if (media.kind === 'animation') {
    const image = el('img', { src, alt: '', class: 'tile-motion' });
    image.addEventListener('error', cannot);
    return image;
  }
  const video = el('video', { src, loop: true, playsinline: true, autoplay: true, class: 'tile-motion' });
  video.muted = true;
  video.addEventListener('error', cannot);
  return video;
}
