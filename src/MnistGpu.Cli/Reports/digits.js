// A drawing in MNIST's form, as made by `mnistgpu predict`. The additional steps there for photographs (shadows, ruled
// paper, desks) change nothing for strokes of one width on clean paper.
'use strict';

// A drawing has PAD×PAD pixels, the digit in it is fitted into BOX×BOX, and THINNEST is the minimum thickness of its strokes,
// as a fraction of its longer side.
const PAD = 140, BOX = 20, THINNEST = 0.14;

function normalize(ink) { return toMnist(withoutSpecks(ink)); }

function toMnist(ink) { return moveToCenter(stretch(fitIntoBox(thicken(ink)))); }

// Each digit in MNIST's form, from left to right, as separated by `mnistgpu predict`; none if it is not a digit.
function normalizeEach(ink) {
  const clean = withoutSpecks(ink), height = part => boxOf(part).bottom - boxOf(part).top;
  let parts = sideBySide(clean);
  const least = 0.4 * Math.max(...parts.map(height)), tall = parts.filter(part => height(part) >= least).length;
  if (tall === 1) parts = [clean];
  else if (tall < parts.length) return [];
  const isDigit = part => {
    const { left, top, right, bottom } = boxOf(part);
    const lines = sideBySide(turn(part)).filter(line => height(turn(line)) >= 0.4 * (bottom - top));
    return right - left <= 2.1 * (bottom - top) && lines.length === 1;
  };
  return parts.every(isDigit) ? parts.map(toMnist) : [];
}

// Cuts at columns without ink, if there are enough of them side by side.
function sideBySide(ink) {
  const { left, top, right, bottom } = boxOf(ink), gap = Math.max(2, 0.05 * (bottom - top)), parts = [];
  let last = -PAD;
  for (let x = left; x < right; x++) {
    let isBlank = true;
    for (let y = top; y < bottom; y++) isBlank &&= !ink[y * PAD + x];
    if (isBlank) continue;
    if (x - last > gap) parts.push(new Float64Array(ink.length));
    last = x;
    for (let y = top; y < bottom; y++) parts.at(-1)[y * PAD + x] = ink[y * PAD + x];
  }
  return parts;
}

// Columns become rows.
function turn(ink) { return ink.map((_, i) => ink[i % PAD * PAD + Math.floor(i / PAD)]); }

// The pieces of pixels that are not 0, each connected over its eight neighbours.
function piecesOf(pixels) {
  const seen = new Uint8Array(pixels.length), pieces = [];
  for (let start = 0; start < pixels.length; start++) {
    if (seen[start] || !pixels[start]) continue;
    const piece = [start];
    seen[start] = 1;
    // The list is also the queue: it grows while it is traversed.
    for (const pixel of piece)
      for (const row of [-PAD, 0, PAD])
        for (const next of [pixel + row - 1, pixel + row, pixel + row + 1])
          if (pixels[next] && !seen[next]) {
            seen[next] = 1;
            piece.push(next);
          }
    pieces.push(piece);
  }
  return pieces;
}

// Ink from 0 to 1, without the connected pieces that have less than a fiftieth of the largest one's ink.
function withoutSpecks(ink) {
  const mass = piece => piece.reduce((sum, pixel) => sum + ink[pixel], 0), pieces = piecesOf(ink);
  const least = 0.02 * Math.max(...pieces.map(mass));
  const clean = new Float64Array(ink.length);
  for (const piece of pieces.filter(piece => mass(piece) >= least))
    for (const pixel of piece) clean[pixel] = ink[pixel] / 255;
  return clean;
}

// Thickens strokes that are thinner than 2.8 pixels of 20 by a disc.
function thicken(ink) {
  const { left, top, right, bottom } = boxOf(ink), longer = Math.max(right - left, bottom - top);
  const radius = Math.trunc((THINNEST * longer - strokeWidth(ink, longer)) / (2 * (1 - THINNEST)));
  if (radius <= 0) return ink;
  const thick = new Float64Array(ink.length);
  for (let i = 0; i < ink.length; i++)
    for (let dy = -radius; ink[i] && dy <= radius; dy++) {
      const reach = Math.trunc(Math.sqrt(radius * radius - dy * dy));
      for (let j = i + dy * PAD - reach; j <= i + dy * PAD + reach; j++) thick[j] = Math.max(thick[j], ink[i]);
    }
  return thick;
}

// The strokes' mean width: the ink's area divided by half the length of its edge (marching squares). Tiny gaps have no edge.
function strokeWidth(ink, longer) {
  const isInk = Array.from(ink, value => value > 0.5 ? 1 : 0);
  for (const gap of piecesOf(isInk.map(value => 1 - value)))
    if (gap.length < (THINNEST / 2 * longer) ** 2) for (const pixel of gap) isInk[pixel] = 1;
  let area = 0, edge = 0;
  for (let i = 0; i < isInk.length - PAD; i++) {
    if (i % PAD === PAD - 1) continue;
    const first = isInk[i] + isInk[i + PAD + 1], corners = first + isInk[i + 1] + isInk[i + PAD];
    area += corners / 4;
    edge += [0, Math.SQRT1_2, first === 1 ? 1 : Math.SQRT2, Math.SQRT1_2, 0][corners];
  }
  return edge ? 2 * area / edge : area;
}

// The box around all ink; right and bottom are the first column and row after it.
function boxOf(ink) {
  const box = { left: PAD, top: PAD, right: 0, bottom: 0 };
  for (let i = 0; i < ink.length; i++) {
    if (!ink[i]) continue;
    const x = i % PAD, y = Math.floor(i / PAD);
    [box.left, box.right] = [Math.min(box.left, x), Math.max(box.right, x + 1)];
    [box.top, box.bottom] = [Math.min(box.top, y), Math.max(box.bottom, y + 1)];
  }
  return box;
}

// Averages the square around the ink down to 20×20 pixels.
function fitIntoBox(ink) {
  const { left, top, right, bottom } = boxOf(ink), longer = Math.max(right - left, bottom - top);
  // Averaging alone would turn the pixels of a tiny digit into blocks.
  const factor = Math.floor((2 * BOX - 1) / longer) + 1;
  const large = factor > 1 ? enlarge(ink, factor) : ink;
  const pixel = longer * factor / BOX;
  const cornerX = (left + right) * factor / 2 - BOX / 2 * pixel, cornerY = (top + bottom) * factor / 2 - BOX / 2 * pixel;
  return Float64Array.from({ length: BOX * BOX }, (_, i) =>
    meanOver(large, PAD * factor, cornerX + i % BOX * pixel, cornerY + Math.floor(i / BOX) * pixel, pixel));
}

// The same picture, enlarged by a factor with bilinear interpolation.
function enlarge(ink, factor) {
  const side = PAD * factor;
  const sources = Array.from({ length: side }, (_, i) => {
    const at = Math.min(PAD - 1, Math.max(0, (i + 0.5) / factor - 0.5)), first = Math.floor(at);
    return { first, second: Math.min(first + 1, PAD - 1), part: at - first };
  });
  const mix = (a, b, part) => a + (b - a) * part;
  return Float64Array.from({ length: side * side }, (_, i) => {
    const x = sources[i % side], y = sources[Math.floor(i / side)];
    const across = row => mix(ink[row * PAD + x.first], ink[row * PAD + x.second], x.part);
    return mix(across(y.first), across(y.second), y.part);
  });
}

// The mean over a square whose edges may cut through pixels; outside the picture there is no ink.
function meanOver(ink, side, left, top, width) {
  let sum = 0;
  for (let y = Math.max(0, Math.floor(top)); y < Math.min(side, top + width); y++) {
    const rows = Math.min(y + 1, top + width) - Math.max(y, top);
    for (let x = Math.max(0, Math.floor(left)); x < Math.min(side, left + width); x++)
      sum += ink[y * side + x] * rows * (Math.min(x + 1, left + width) - Math.max(x, left));
  }
  return sum / (width * width);
}

// A tenth of the pixels with ink get full ink; otherwise thin strokes would be faint.
function stretch(box) {
  const sorted = box.filter(value => value > 0.02).sort();
  const full = sorted[Math.floor(sorted.length * 0.9)];
  return box.map(value => Math.min(1, value / full));
}

// Places the box so that the ink's centre of mass is nearest to the pixel 14, 14.
function moveToCenter(box) {
  let mass = 0, momentX = 0, momentY = 0;
  box.forEach((value, i) => {
    mass += value;
    momentX += value * (i % BOX);
    momentY += value * Math.floor(i / BOX);
  });
  const offset = moment => Math.min(SIDE - BOX, Math.max(0, roundHalfToEven(14 - moment / mass)));
  const left = offset(momentX), top = offset(momentY);
  const pixels = new Uint8Array(PIXELS);
  box.forEach((value, i) => {
    pixels[(top + Math.floor(i / BOX)) * SIDE + left + i % BOX] = roundHalfToEven(255 * value);
  });
  return pixels;
}

// As .NET rounds.
function roundHalfToEven(value) {
  const rounded = Math.round(value);
  return rounded - value === 0.5 && rounded % 2 ? rounded - 1 : rounded;
}
