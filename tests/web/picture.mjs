/**
 * A fingerprint of what is seen in a picture, and how many of its pixels are lit. Runs in a page.
 * @param {string} base64 a PNG file
 */
export async function fingerprint(base64) {
  const bytes = Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
  const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [image.width, image.height];
  const context = canvas.getContext('2d');
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, image.width, image.height);
  let print = 0;
  let lit = 0;
  for (let at = 0; at < data.length; at += 4) {
    print = (print * 31 + data[at] * 7 + data[at + 1] * 3 + data[at + 2]) | 0;
    if (data[at] + data[at + 1] + data[at + 2] > 60) lit += 1;
  }
  return { print, lit };
}

/**
 * The parts of a canvas that are lit, each with dark around it: where their middles are and how many pixels they have, as
 * shares of the canvas, and the colour of their brightest pixel. Runs in a page.
 * @param {HTMLCanvasElement} canvas
 */
export function dotsOn(canvas) {
  const { width, height } = canvas;
  const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
  const light = Uint16Array.from({ length: width * height }, (_, at) => data[at * 4] + data[at * 4 + 1] + data[at * 4 + 2]);
  const lit = Uint8Array.from(light, (sum) => (sum > 150 ? 1 : 0));
  const dots = [];
  for (let from = 0; from < lit.length; from += 1) {
    if (!lit[from]) continue;
    let [x, y, pixels, brightest] = [0, 0, 0, from];
    const near = [from];
    for (let at = near.pop(); at !== undefined; at = near.pop()) {
      if (!lit[at]) continue;
      lit[at] = 0;
      x += (at % width) + 0.5;
      y += Math.floor(at / width) + 0.5;
      pixels += 1;
      if (light[at] > light[brightest]) brightest = at;
      if (at % width > 0) near.push(at - 1);
      if (at % width < width - 1) near.push(at + 1);
      near.push(at - width, at + width);
    }
    dots.push({ x: x / pixels / width, y: y / pixels / height, size: pixels / lit.length, colour: [...data.subarray(brightest * 4, brightest * 4 + 3)] });
  }
  return dots;
}
