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
