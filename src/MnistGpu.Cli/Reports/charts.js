'use strict';
const redrawn = [];
const byId = id => document.getElementById(id);

// Numbers

function integer(value) { return Math.round(value).toLocaleString('en'); }

function percent(share, digits = share < 0.0995 ? 1 : 0) { return `${(100 * share).toFixed(digits)} %`; }

function duration(seconds) {
  const [scale, unit] = seconds >= 0.9995 ? [1, 's'] : seconds >= 0.9995e-3 ? [1e3, 'ms'] : [1e6, 'µs'];
  return `${+(seconds * scale).toPrecision(3)} ${unit}`;
}

// Elements. Strings become text, never markup: a device may have any name.

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  node.append(...children);
  return node;
}

function html(name, attributes, ...children) { return fill(document.createElement(name), attributes, children); }

function svg(name, attributes, ...children) {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', name), attributes, children);
}

function table(columns, rows) {
  const row = ([first, ...cells]) =>
    html('tr', {}, html('th', { scope: 'row' }, first), ...cells.map(cell => html('td', {}, cell)));
  return html('div', { class: 'scroll', tabindex: 0 }, html('table', {},
    html('thead', {}, html('tr', {}, ...columns.map(column => html('th', { scope: 'col' }, column)))),
    html('tbody', {}, ...rows.map(row))));
}

function pairs(rows) {
  return html('table', { class: 'pairs' }, html('tbody', {}, ...rows.map(([name, value]) =>
    html('tr', {}, html('th', { scope: 'row' }, name), html('td', {}, value)))));
}

// Charts are drawn at the width they have, so that their text is always the same size.

function chart(place, caption, description, draw) {
  const drawing = svg('svg', { role: 'img', 'aria-label': description });
  const figure = html('figure', {}, ...caption ? [html('figcaption', {}, caption)] : [], drawing);
  place.append(figure);
  redrawn.push(() => {
    drawing.replaceChildren();
    const add = (name, attributes, ...children) => drawing.append(svg(name, attributes, ...children));
    const width = drawing.clientWidth, height = draw(add, width);
    drawing.setAttribute('viewBox', `0 0 ${width} ${height}`);
    drawing.setAttribute('height', height);
  });
  return figure;
}

// A scale from one place to another, and the round values to label, each of which needs this much room.
function axis(values, from, to, labelRoom, isLogarithmic) {
  const scaled = value => isLogarithmic ? Math.log10(value) : value;
  let least = scaled(Math.min(...values)), most = scaled(Math.max(...values));
  // At least a factor of two, or a hundredth, so that a single value is in the middle.
  const room = Math.max((most - least) * 0.06, ((isLogarithmic ? 0.3 : 0.01) - (most - least)) / 2);
  least -= room;
  most += room;
  const place = value => from + (scaled(value) - least) / (most - least) * (to - from);
  const ticks = [];
  if (isLogarithmic) {
    const labels = Math.abs(to - from) / (most - least) / labelRoom;
    for (let power = Math.floor(least); power <= most; power++)
      for (const digit of labels > 3.4 ? [1, 2, 5] : labels > 2.1 ? [1, 3] : [1]) ticks.push(digit * 10 ** power);
  } else {
    const rough = (most - least) / 4, power = 10 ** Math.floor(Math.log10(rough));
    const step = power * [1, 2, 5, 10].find(digit => digit * power >= rough);
    for (let tick = Math.ceil(least / step) * step; tick <= most; tick += step) ticks.push(tick);
  }
  return { place, ticks: ticks.filter(tick => scaled(tick) >= least && scaled(tick) <= most) };
}

// Each curve is { name, colour, points: [{ x, y, low, high }] }; low and high are quartiles, where there are any.
function drawCurves(add, width, { curves, xText, yText, xTicks, hasLogarithmicX, hasLogarithmicY }) {
  const left = 52, right = width - 12, top = 8, bottom = 220;
  const all = curves.flatMap(curve => curve.points);
  const x = axis(all.map(p => p.x), left, right, 50, hasLogarithmicX);
  const y = axis(all.flatMap(p => [p.low ?? p.y, p.high ?? p.y]), bottom, top, 18, hasLogarithmicY);
  for (const tick of y.ticks) {
    add('line', { x1: left, x2: right, y1: y.place(tick), y2: y.place(tick), class: 'grid' });
    add('text', { x: left - 8, y: y.place(tick) + 4, 'text-anchor': 'end', class: 'quiet' }, yText(tick));
  }
  for (const tick of xTicks ?? x.ticks)
    add('text', { x: x.place(tick), y: bottom + 18, 'text-anchor': 'middle', class: 'quiet' }, xText(tick));
  for (const { name, colour: stroke, points } of curves) {
    add('polyline', { points: points.map(p => `${x.place(p.x)},${y.place(p.y)}`).join(' '),
      fill: 'none', stroke, 'stroke-width': 2 });
    for (const p of points) {
      if (p.low)
        add('line', { x1: x.place(p.x), x2: x.place(p.x), y1: y.place(p.low), y2: y.place(p.high),
          stroke, 'stroke-width': 7, opacity: 0.4 });
      add('circle', { cx: x.place(p.x), cy: y.place(p.y), r: 4, fill: stroke },
        svg('title', {}, `${name}: ${yText(p.y)} at ${xText(p.x)}`));
    }
  }
  return bottom + 28;
}

function addCurves(place, caption, settings) {
  const { curves, xText, yText } = settings;
  const describe = ({ name, points }) =>
    `${name}: ${points.map(p => `${yText(p.y)} at ${xText(p.x)}`).join(', ')}`;
  const figure = chart(
    place, caption, curves.map(describe).join('. '), (add, width) => drawCurves(add, width, settings));
  figure.append(html('p', { class: 'legend' },
    ...curves.map(({ name, colour }) => html('span', { style: `--colour: ${colour}` }, name))));
}

// Call this when everything is in place.
function drawCharts() {
  const redraw = () => redrawn.forEach(draw => draw());
  redraw();
  addEventListener('resize', redraw);
}
