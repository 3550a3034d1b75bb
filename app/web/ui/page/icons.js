/** The icons, drawn on a 24 × 24 grid in the current colour. */

const SVG = 'http://www.w3.org/2000/svg';

/** Outlines, except for those in `SOLID` and `DOTS` below. */
const PATHS = {
  play: 'M8 5.2v13.6a.6.6 0 0 0 .92.5l10.4-6.8a.6.6 0 0 0 0-1L8.92 4.7A.6.6 0 0 0 8 5.2z',
  pause: 'M7.5 5h2.6v14H7.5zM13.9 5h2.6v14h-2.6z',
  stop: 'M6.5 6.5h11v11h-11z',
  previous: 'M18 6.2v11.6a.5.5 0 0 1-.78.42L8.6 12.4a.5.5 0 0 1 0-.83l8.62-5.8A.5.5 0 0 1 18 6.2zM5.6 5.8h1.9v12.4H5.6z',
  next: 'M6 6.2v11.6a.5.5 0 0 0 .78.42l8.62-5.82a.5.5 0 0 0 0-.83L6.78 5.78A.5.5 0 0 0 6 6.2zM16.5 5.8h1.9v12.4h-1.9z',
  shuffle: 'M4 7h3.2c1.4 0 2.7.7 3.5 1.8l3 4.4c.8 1.1 2.1 1.8 3.5 1.8H20M4 17h3.2c1.4 0 2.7-.7 3.5-1.8l.6-.9M13 9.7l.6-.9C14.4 7.7 15.8 7 17.2 7H20M17.5 4.5 20 7l-2.5 2.5M17.5 14.5 20 17l-2.5 2.5',
  repeat: 'M5 12v-1.5A3.5 3.5 0 0 1 8.5 7H19M16.5 4.5 19 7l-2.5 2.5M19 12v1.5a3.5 3.5 0 0 1-3.5 3.5H5M7.5 19.5 5 17l2.5-2.5',
  repeat_one: 'M5 12v-1.5A3.5 3.5 0 0 1 8.5 7H19M16.5 4.5 19 7l-2.5 2.5M19 12v1.5a3.5 3.5 0 0 1-3.5 3.5H5M7.5 19.5 5 17l2.5-2.5M11 10.8l1.3-.8v4',
  sun: 'M12 8.2a3.8 3.8 0 1 1 0 7.6 3.8 3.8 0 0 1 0-7.6zM12 3v1.8M12 19.2V21M3 12h1.8M19.2 12H21M5.64 5.64l1.27 1.27M17.09 17.09l1.27 1.27M5.64 18.36l1.27-1.27M17.09 6.91l1.27-1.27',
  upload: 'M12 15.5V4.5M7.8 8.5 12 4.3l4.2 4.2M4.5 15.5v2.5a1.8 1.8 0 0 0 1.8 1.8h11.4a1.8 1.8 0 0 0 1.8-1.8v-2.5',
  download: 'M12 4.5v11M7.8 11.7l4.2 4.2 4.2-4.2M4.5 15.5v2.5a1.8 1.8 0 0 0 1.8 1.8h11.4a1.8 1.8 0 0 0 1.8-1.8v-2.5',
  plus: 'M12 5.5v13M5.5 12h13',
  close: 'M6.5 6.5l11 11M17.5 6.5l-11 11',
  check: 'M5.5 12.5l4.3 4.3 8.7-9.3',
  pencil: 'M4.8 19.2l.8-3.6L15.8 5.4a1.5 1.5 0 0 1 2.1 0l.7.7a1.5 1.5 0 0 1 0 2.1L8.4 18.4zM14 7.2l2.8 2.8',
  bin: 'M5 7h14M9.8 7V5.2a.9.9 0 0 1 .9-.9h2.6a.9.9 0 0 1 .9.9V7M6.8 7l.7 11.3a1.5 1.5 0 0 0 1.5 1.4h6a1.5 1.5 0 0 0 1.5-1.4L17.2 7M10.3 10.8v5.2M13.7 10.8v5.2',
  sliders: 'M5 8h8M17.5 8H19M5 16h1.5M11 16h8M15.2 5.8a2.2 2.2 0 1 1 0 4.4 2.2 2.2 0 0 1 0-4.4zM8.8 13.8a2.2 2.2 0 1 1 0 4.4 2.2 2.2 0 0 1 0-4.4z',
  grip: 'M9 6.5h.01M15 6.5h.01M9 12h.01M15 12h.01M9 17.5h.01M15 17.5h.01',
  up: 'M6.5 14.5 12 9l5.5 5.5',
  down: 'M6.5 9.5 12 15l5.5-5.5',
  more: 'M6 12h.01M12 12h.01M18 12h.01',
  warning: 'M12 4.5 3.8 18.7a.5.5 0 0 0 .43.8h15.54a.5.5 0 0 0 .43-.8zM12 10v4.3M12 16.9h.01',
  info: 'M12 3.8a8.2 8.2 0 1 1 0 16.4 8.2 8.2 0 0 1 0-16.4zM12 11v5M12 8h.01',
  text: 'M5.5 7.5v-2h13v2M12 5.5v13M9.5 18.5h5',
  spark: 'M12 3.5l1.9 5.6a1.6 1.6 0 0 0 1 1l5.6 1.9-5.6 1.9a1.6 1.6 0 0 0-1 1L12 20.5l-1.9-5.6a1.6 1.6 0 0 0-1-1L3.5 12l5.6-1.9a1.6 1.6 0 0 0 1-1z',
  still: 'M5.5 5h13A1.5 1.5 0 0 1 20 6.5v11a1.5 1.5 0 0 1-1.5 1.5h-13A1.5 1.5 0 0 1 4 17.5v-11A1.5 1.5 0 0 1 5.5 5zM4.5 16.5l4.3-4.3a1.2 1.2 0 0 1 1.7 0l6.5 6.5M15 9.5h.01',
  eye: 'M3 12s3.2-6 9-6 9 6 9 6-3.2 6-9 6-9-6-9-6zM12 9.4a2.6 2.6 0 1 1 0 5.2 2.6 2.6 0 0 1 0-5.2z',
  eye_off: 'M4 4l16 16M9.9 6.3A9.6 9.6 0 0 1 12 6c5.8 0 9 6 9 6a16 16 0 0 1-2.7 3.4M6.3 8A16 16 0 0 0 3 12s3.2 6 9 6a9 9 0 0 0 4-.9M10.2 10.2a2.6 2.6 0 0 0 3.6 3.6',
  phone: 'M8.5 3.5h7A1.5 1.5 0 0 1 17 5v14a1.5 1.5 0 0 1-1.5 1.5h-7A1.5 1.5 0 0 1 7 19V5a1.5 1.5 0 0 1 1.5-1.5zM11 17.5h2',
  key: 'M8 11.5a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM11 12.7l7.5-7.7M15.5 8l2.5 2.5',
  restart: 'M19 12a7 7 0 1 1-2.1-5M19 4.5V8h-3.5',
  reboot: 'M4.5 5.5h15v10h-15zM9 19.5h6M12 15.5v4M14.6 10.5a2.6 2.6 0 1 1-.8-1.9M14.8 7.2v1.6h-1.6',
  power: 'M12 4v8M7.5 6.8a7 7 0 1 0 9 0',
  people: 'M9 5.2a3.1 3.1 0 1 1 0 6.2 3.1 3.1 0 0 1 0-6.2zM3.2 19a5.8 5.8 0 0 1 11.6 0M15.5 5.6a3.1 3.1 0 0 1 0 5.6M17.4 14a5.8 5.8 0 0 1 3.4 5',
  list: 'M9 6.5h10.5M9 12h10.5M9 17.5h10.5M4.8 6.5h.01M4.8 12h.01M4.8 17.5h.01',
  terminal: 'M5 5.5h14A1.5 1.5 0 0 1 20.5 7v10a1.5 1.5 0 0 1-1.5 1.5H5A1.5 1.5 0 0 1 3.5 17V7A1.5 1.5 0 0 1 5 5.5zM7.5 9.5l2.8 2.5-2.8 2.5M12.5 15h4',
  archive: 'M4 5.5h16v4H4zM5.5 9.5v8a1.5 1.5 0 0 0 1.5 1.5h10a1.5 1.5 0 0 0 1.5-1.5v-8M10 13.5h4',
  exit: 'M14 5H6.5A1.5 1.5 0 0 0 5 6.5v11A1.5 1.5 0 0 0 6.5 19H14M10 12h9.5M16.3 8.8 19.5 12l-3.2 3.2',
};

/** @typedef {keyof typeof PATHS} IconName */

const SOLID = new Set(['play', 'pause', 'stop', 'previous', 'next']);
const DOTS = new Set(['grip', 'more']);

/**
 * @param {IconName} name
 * @returns {SVGSVGElement} hidden from assistive technology; the button around it has the words
 */
export function icon(name) {
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  svg.classList.add('icon', SOLID.has(name) ? 'icon-solid' : DOTS.has(name) ? 'icon-dots' : 'icon-line');
  const path = document.createElementNS(SVG, 'path');
  path.setAttribute('d', PATHS[name]);
  svg.append(path);
  return svg;
}

/** Draws the icon of every `data-icon` element of the page's own markup. */
export function drawIcons() {
  for (const place of document.querySelectorAll('[data-icon]')) {
    place.prepend(icon(/** @type {IconName} */ (place.getAttribute('data-icon'))));
  }
}
