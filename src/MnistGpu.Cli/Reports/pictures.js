'use strict';
const SIDE = 28, PIXELS = SIDE * SIDE;

function bytesOf(base64) { return Uint8Array.from(atob(base64), character => character.charCodeAt(0)); }

// Draws 28×28 pixels, white on black as in MNIST.
function drawDigit(canvas, pixels) {
  const image = new ImageData(SIDE, SIDE);
  for (let i = 0; i < PIXELS; i++) image.data.set([pixels[i], pixels[i], pixels[i], 255], 4 * i);
  canvas.getContext('2d').putImageData(image, 0, 0);
}

// A hidden unit's 784 weights, which are a column of W1: blue where ink excites the unit, orange where it inhibits it,
// and transparent where it is nearly indifferent. The heaviest weight has the full colour.
function weightsPicture(w1, hidden, unit) {
  const image = new ImageData(SIDE, SIDE);
  let most = Number.MIN_VALUE;
  for (let i = unit; i < w1.length; i += hidden) most = Math.max(most, Math.abs(w1[i]));
  for (let i = 0; i < PIXELS; i++) {
    const weight = w1[i * hidden + unit] / most;
    image.data.set([...weight > 0 ? [40, 120, 230] : [235, 105, 30], 255 * Math.abs(weight) ** 0.7], 4 * i);
  }
  return image;
}

// All units' weights side by side, in rows of about as many as there are rows: a picture to copy tiles from.
const TILE = SIDE + 2;

function weightsSheet(w1, hidden) {
  const columns = Math.ceil(Math.sqrt(hidden));
  const sheet = document.createElement('canvas');
  sheet.width = columns * TILE;
  sheet.height = Math.ceil(hidden / columns) * TILE;
  const context = sheet.getContext('2d');
  for (let unit = 0; unit < hidden; unit++)
    context.putImageData(weightsPicture(w1, hidden, unit), unit % columns * TILE + 1, Math.floor(unit / columns) * TILE + 1);
  return sheet;
}
