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

/** How many parts of a canvas are lit, each with dark around it. Runs in a page. @param {HTMLCanvasElement} canvas */
export function dotsOn(canvas) {
  const { width, height } = canvas;
  const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
  const lit = Uint8Array.from({ length: width * height }, (_, at) => (data[at * 4] + data[at * 4 + 1] + data[at * 4 + 2] > 150 ? 1 : 0));
  let dots = 0;
  for (let from = 0; from < lit.length; from += 1) {
    if (!lit[from]) continue;
    dots += 1;
    const near = [from];
    for (let at = near.pop(); at !== undefined; at = near.pop()) {
      if (!lit[at]) continue;
      lit[at] = 0;
      if (at % width > 0) near.push(at - 1);
      if (at % width < width - 1) near.push(at + 1);
      near.push(at - width, at + width);
    }
  }
  return dots;
}
