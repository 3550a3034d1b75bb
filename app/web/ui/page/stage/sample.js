/** What LEDs show of a picture that is fitted to the wall. */

/** @import { NewItem } from '../types.js' */

/** Pixels of the picture across the wall: LEDs are coarse. */
const ACROSS = 192;

/** Linear light of an sRGB code, both of 255. */
const LINEAR = Uint8Array.from({ length: 256 }, (_, code) => {
  const value = code / 255;
  return Math.round(255 * (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
});

/**
 * @param {HTMLImageElement} picture @param {NonNullable<NewItem['fit']>} fit
 * @param {Float32Array} leds x, y, width, height per LED @param {{width: number, height: number}} size of the canvas
 * @returns {Uint8Array} r, g, b per LED in linear light
 */
export function sample(picture, fit, leds, size) {
  const canvas = document.createElement('canvas');
  canvas.width = ACROSS;
  canvas.height = Math.max(1, Math.round((ACROSS * size.height) / size.width));
  const context = canvas.getContext('2d', { willReadFrequently: true });
  const out = new Uint8Array((leds.length / 4) * 3);
  if (!context) return out;
  const { naturalWidth: w, naturalHeight: h } = picture;
  const [x, y] = [canvas.width / w, canvas.height / h];
  const [scaleX, scaleY] = fit === 'stretch' ? [x, y] : fit === 'cover' ? [Math.max(x, y), Math.max(x, y)] : [Math.min(x, y), Math.min(x, y)];
  context.drawImage(picture, (canvas.width - w * scaleX) / 2, (canvas.height - h * scaleY) / 2, w * scaleX, h * scaleY);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  for (let led = 0; led * 3 < out.length; led += 1) {
    const column = Math.min(canvas.width - 1, Math.max(0, Math.floor(((leds[led * 4] ?? 0) / size.width) * canvas.width)));
    const row = Math.min(canvas.height - 1, Math.max(0, Math.floor(((leds[led * 4 + 1] ?? 0) / size.height) * canvas.height)));
    const pixel = (row * canvas.width + column) * 4;
    for (let channel = 0; channel < 3; channel += 1) out[led * 3 + channel] = LINEAR[data[pixel + channel] ?? 0] ?? 0;
  }
  return out;
}

/** @param {string} media its id @returns {Promise<HTMLImageElement>} */
export async function thumbnailOf(media) {
  const picture = new Image();
  picture.src = `/api/media/${media}/thumbnail`;
  await picture.decode();
  return picture;
}
