/**
 * Draws the run in the page: phases, faults, what the parts of the store had in hand and said, and the operations, by client or by key.
 * It stands alone in the page that timeline-page.ts writes.
 *
 * @import { FaultStretch, Timeline, TimelineOperation } from '../timeline.ts'
 * @import { Mark, Span } from '../service-log.ts'
 */

/**
 * @typedef {object} Bar
 * @property {number} from
 * @property {number} to
 * @property {string} color
 * @property {string} text shown inside where there is room, and under the pointer
 * @property {TimelineOperation} [operation]
 * @property {boolean} [isHollow]
 * @property {{ readonly from: number, readonly to: number }} [whole] of a fault: when it was not just coming or going
 * @property {Span | undefined} [span] the part of it that the gateway accounts for
 *
 * @typedef {object} Row
 * @property {string} label
 * @property {number} height
 * @property {Bar[]} bars
 * @property {Mark[]} marks
 *
 * @typedef {{ readonly bar: Bar } | { readonly mark: Mark }} Thing
 */

const gutter = 150;
const axisHeight = 24;
const tall = 16;
const flat = 7;
const gap = 3;
const pixelMin = 2;
const nearPixels = 4;
const zoomStep = 1.5;
const shortest = 200;

/** @type {Timeline} */
const run = JSON.parse(element('data', HTMLScriptElement).textContent ?? '');
const canvas = element('canvas', HTMLCanvasElement);
const details = element('details', HTMLOutputElement);
const rowsBy = element('rows', HTMLSelectElement);
const filter = element('filter', HTMLInputElement);
const whole = { from: run.from, to: Math.max(run.to, run.from + shortest) };
const spansByTrace = Map.groupBy(run.spans, ({ trace }) => trace);

let view = { ...whole };
/** @type {ReadonlySet<number>} */
let shown = new Set(run.verdicts.filter(({ holds }) => holds === false).flatMap(({ operations }) => operations));
/** @type {Row[]} */
let rows = [];
/** @type {Map<string, string>} */
const colors = new Map();

/**
 * @template {HTMLElement} T
 * @param {string} id
 * @param {new () => T} kind
 * @returns {T}
 */
function element(id, kind) {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page has no ${id}`);
  return found;
}

/** Of the style sheet, for light or dark as the reader has it. @param {string} name */
function color(name) {
  const known = colors.get(name);
  if (known !== undefined) return known;
  canvas.style.color = `var(--${name})`;
  const resolved = getComputedStyle(canvas).color;
  colors.set(name, resolved);
  return resolved;
}

/** @returns {Row[]} */
function makeRows() {
  const phases = run.phases.map(({ name, from, to }) => ({ from, to, color: 'panel', text: name }));
  const faults = run.faults.map(faultBar);
  return [
    { label: 'phases', height: tall, bars: phases, marks: [] },
    ...packed('faults', faults, tall),
    ...serviceRows(),
    ...operationRows(),
  ];
}

/** @param {FaultStretch} fault @returns {Bar} */
function faultBar(fault) {
  const { from, began, over, to } = fault;
  return { from, to, color: 'fault', text: faultText(fault), whole: { from: began, to: over } };
}

/** @returns {Row[]} */
function serviceRows() {
  const nodes = [...new Set([...run.spans, ...run.marks].map(({ node }) => node))].sort();
  return nodes.flatMap((node) => {
    const spans = run.spans.filter((span) => span.node === node).map(spanBar);
    const [first = { label: node, height: tall, bars: [], marks: [] }, ...others] = packed(node, spans, flat);
    return [{ ...first, height: tall, marks: run.marks.filter((mark) => mark.node === node) }, ...others];
  });
}

/** @param {Span} span @returns {Bar} */
function spanBar({ node, text, from, to, trace }) {
  return { from, to, color: 'span', text: `${text}  ${node}  ${trace}` };
}

/** @returns {Row[]} */
function operationRows() {
  const wanted = filter.value.trim();
  const isKey = run.operations.some(({ key }) => key === wanted);
  const operations = run.operations.filter(({ key, client, op }) => {
    return key === wanted || client === wanted || `#${op}` === wanted || (!isKey && key.includes(wanted));
  });
  const groups = Map.groupBy(operations, ({ key, client }) => (rowsBy.value === 'key' ? key : client));
  const names = [...groups.keys()].sort((one, other) => one.localeCompare(other, undefined, { numeric: true }));
  return names.flatMap((name) => packed(name, (groups.get(name) ?? []).map(operationBar), tall));
}

/** @param {TimelineOperation} operation @returns {Bar} */
function operationBar(operation) {
  const { outcome, kind, from, to, trace } = operation;
  const isSure = outcome === 'ok';
  const span = trace === null ? undefined : spansByTrace.get(trace)?.at(0);
  const shade = isSure ? kind : outcome === 'fail' ? 'refused' : 'unsure';
  return { from, to, color: shade, text: operationText(operation), operation, isHollow: !isSure, span };
}

/**
 * As few rows as hold all bars without one over another.
 *
 * @param {string} label
 * @param {Bar[]} bars
 * @param {number} height
 * @returns {Row[]}
 */
function packed(label, bars, height) {
  /** @type {Row[]} */
  const made = [];
  for (const bar of bars.toSorted((one, other) => one.from - other.from)) {
    let row = made.find(({ bars: others }) => (others.at(-1)?.to ?? 0) <= bar.from);
    if (row === undefined) {
      row = { label: made.length === 0 ? label : '', height, bars: [], marks: [] };
      made.push(row);
    }
    row.bars.push(bar);
  }
  return made;
}

/** @param {number} at */
function seconds(at) {
  return `${(at / 1e6).toFixed(3)} s`;
}

/** @param {TimelineOperation} operation */
function operationText({ op, client, node, from, to, outcome, text }) {
  const until = outcome === 'open' ? 'no end' : seconds(to);
  return `#${op}  ${seconds(from)} - ${until}  ${client}  ${node}  ${text}`;
}

/** @param {FaultStretch} fault */
function faultText({ name, from, to }) {
  return `${name}  (${seconds(from)} - ${seconds(to)})`;
}

function width() {
  return canvas.clientWidth - gutter;
}

/** @param {number} at */
function xOf(at) {
  return gutter + ((at - view.from) / (view.to - view.from)) * width();
}

/** @param {number} x */
function timeAt(x) {
  return view.from + ((x - gutter) / width()) * (view.to - view.from);
}

function draw() {
  const height = axisHeight + rows.reduce((sum, row) => sum + row.height + gap, 0);
  const sharpness = window.devicePixelRatio;
  canvas.style.height = `${height}px`;
  canvas.width = canvas.clientWidth * sharpness;
  canvas.height = height * sharpness;
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
  pen.scale(sharpness, sharpness);
  pen.font = '12px system-ui, sans-serif';
  pen.textBaseline = 'middle';
  drawAxis(pen, height);
  let y = axisHeight;
  for (const row of rows) {
    pen.fillStyle = color('ink');
    pen.fillText(clipped(pen, row.label, gutter - 12), 0, y + row.height / 2);
    pen.save();
    pen.beginPath();
    pen.rect(gutter, y - 2, width(), row.height + 4);
    pen.clip();
    for (const bar of row.bars) if (bar.to >= view.from && bar.from <= view.to) drawBar(pen, bar, y, row.height);
    for (const mark of row.marks) if (mark.at >= view.from && mark.at <= view.to) drawMark(pen, mark, y);
    pen.restore();
    y += row.height + gap;
  }
}

/** @param {CanvasRenderingContext2D} pen @param {number} height */
function drawAxis(pen, height) {
  const rough = (view.to - view.from) / Math.max(width() / 90, 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const digits = Math.max(0, Math.ceil(-Math.log10(step / 1e6)));
  for (let at = Math.ceil(view.from / step) * step; at <= view.to; at += step) {
    pen.fillStyle = color('line');
    pen.fillRect(xOf(at), axisHeight - 6, 1, height);
    pen.fillStyle = color('faint');
    pen.fillText(`${(at / 1e6).toFixed(digits)} s`, xOf(at) + 3, axisHeight / 2);
  }
}

/** @param {CanvasRenderingContext2D} pen @param {Bar} bar @param {number} y @param {number} height */
function drawBar(pen, bar, y, height) {
  // What began far outside the view is drawn from its edge: a canvas does not take every number.
  const left = Math.max(xOf(bar.from), gutter - 10);
  const wide = Math.max(Math.min(xOf(bar.to), canvas.clientWidth + 10) - left, pixelMin);
  pen.fillStyle = pen.strokeStyle = color(bar.color);
  pen.globalAlpha = bar.isHollow || bar.whole !== undefined ? 0.35 : 1;
  pen.fillRect(left, y, wide, height);
  pen.globalAlpha = 1;
  if (bar.whole !== undefined) drawWhole(pen, bar.whole, y, height);
  if (bar.isHollow) pen.strokeRect(left + 0.5, y + 0.5, Math.max(wide - 1, 1), height - 1);
  if (bar.span !== undefined) drawSpan(pen, bar.span, y + height - 4);
  if (bar.operation !== undefined && shown.has(bar.operation.op)) {
    pen.strokeStyle = color('broken');
    pen.lineWidth = 3;
    pen.strokeRect(left - 1, y, wide + 2, height);
    pen.lineWidth = 1;
  }
  const textFrom = Math.max(left, gutter) + 4;
  const room = left + wide - 4 - textFrom;
  if (height < tall || room < 40) return;
  pen.fillStyle = bar.operation === undefined ? color('ink') : color('ground');
  pen.fillText(clipped(pen, bar.operation?.text ?? bar.text, room), textFrom, y + height / 2 + 0.5);
}

/** @param {CanvasRenderingContext2D} pen @param {NonNullable<Bar['whole']>} whole @param {number} y @param {number} height */
function drawWhole(pen, { from, to }, y, height) {
  const left = Math.max(xOf(from), gutter - 10);
  pen.fillRect(left, y, Math.max(Math.min(xOf(to), canvas.clientWidth + 10) - left, 0), height);
}

/** @param {CanvasRenderingContext2D} pen @param {Span} span @param {number} y */
function drawSpan(pen, { from, to }, y) {
  pen.fillStyle = color('ink');
  pen.fillRect(xOf(from), y, Math.max(xOf(to) - xOf(from), 1), 2);
}

/** @param {CanvasRenderingContext2D} pen @param {Mark} mark @param {number} y */
function drawMark(pen, { at, level }, y) {
  pen.fillStyle = color(level === 'error' ? 'broken' : level === 'warn' ? 'unsure' : 'ink');
  pen.fillRect(xOf(at) - 1, y, 2, tall);
}

/** @param {CanvasRenderingContext2D} pen @param {string} text @param {number} room */
function clipped(pen, text, room) {
  if (pen.measureText(text).width <= room) return text;
  const characters = Math.floor(room / 6.5);
  return characters < 4 ? '' : `${text.slice(0, characters - 1)}…`;
}

/** @param {MouseEvent} event @returns {Thing | undefined} */
function thingAt({ offsetX, offsetY }) {
  let y = axisHeight;
  const row = rows.find(({ height }) => {
    y += height + gap;
    return offsetY < y;
  });
  if (row === undefined || offsetY < axisHeight || offsetX < gutter) return undefined;
  const near = (nearPixels / width()) * (view.to - view.from);
  const at = timeAt(offsetX);
  const mark = row.marks.findLast((one) => Math.abs(one.at - at) <= near);
  if (mark !== undefined) return { mark };
  const bar = row.bars.findLast(({ from, to }) => at >= from - near && at <= to + near);
  return bar === undefined ? undefined : { bar };
}

/** @param {Thing | undefined} thing */
function tell(thing) {
  if (thing === undefined) return;
  details.value = 'mark' in thing ? markText(thing.mark) : barText(thing.bar);
}

/** @param {Mark} mark */
function markText({ at, node, level, text, trace }) {
  return `${seconds(at)}  ${node}  ${level}  ${text}${trace === null ? '' : `  ${trace}`}`;
}

/** @param {Bar} bar */
function barText({ text, operation }) {
  if (operation === undefined) return text;
  const { trace, from, to } = operation;
  const spans = trace === null ? [] : (spansByTrace.get(trace) ?? []);
  const said = trace === null ? [] : run.marks.filter((mark) => mark.trace === trace);
  const faults = run.faults.filter((fault) => fault.from <= to && fault.to >= from);
  return [
    text,
    ...spans.map((span) => `  in hand  ${seconds(span.from)} - ${seconds(span.to)}  ${span.node}  ${span.text}`),
    ...said.map((mark) => `  said     ${markText(mark)}`),
    ...faults.map((fault) => `  fault    ${faultText(fault)}`),
    ...(trace === null ? [] : [`  trace    ${trace}   (grep it in logs/)`]),
  ].join('\n');
}

/** @param {number} from @param {number} to */
function look(from, to) {
  const length = Math.min(Math.max(to - from, shortest), whole.to - whole.from);
  const start = Math.min(Math.max(from, whole.from), whole.to - length);
  view = { from: start, to: start + length };
  draw();
}

/** @param {number} factor above 1: closer @param {number} [at] what stays where it is */
function zoom(factor, at = (view.from + view.to) / 2) {
  look(at - (at - view.from) / factor, at + (view.to - at) / factor);
}

/** @param {number} part of the view */
function move(part) {
  const by = (view.to - view.from) * part;
  look(view.from + by, view.to + by);
}

function arrange() {
  rows = makeRows();
  draw();
}

/** To the operations that show a violation, those of the same keys around them. @param {number} index */
function showVerdict(index) {
  const { operations = [], checker, because } = run.verdicts[index] ?? {};
  shown = new Set(operations);
  const guilty = run.operations.filter(({ op }) => shown.has(op));
  const keys = new Set(guilty.map(({ key }) => key));
  rowsBy.value = keys.size === 1 ? 'key' : rowsBy.value;
  filter.value = keys.size === 1 ? ([...keys][0] ?? '') : '';
  details.value = [`${checker}: ${because}`, ...guilty.map(operationText)].join('\n');
  rows = makeRows();
  const from = Math.min(...guilty.map((operation) => operation.from));
  const to = Math.max(...guilty.map((operation) => operation.to));
  const margin = (to - from) * 0.15 + shortest;
  if (guilty.length > 0) look(from - margin, to + margin);
  else draw();
}

/** @type {Readonly<Record<string, () => void>>} */
const keys = {
  ArrowLeft: () => move(-0.2),
  ArrowRight: () => move(0.2),
  '+': () => zoom(zoomStep),
  '=': () => zoom(zoomStep),
  '-': () => zoom(1 / zoomStep),
  0: () => look(whole.from, whole.to),
};

let isDragged = false;

canvas.addEventListener('keydown', (event) => {
  const act = keys[event.key];
  if (act === undefined || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  act();
});
canvas.addEventListener(
  'wheel',
  (event) => {
    if (!event.ctrlKey && !event.shiftKey) return;
    event.preventDefault();
    zoom((event.deltaY || event.deltaX) < 0 ? zoomStep : 1 / zoomStep, timeAt(event.offsetX));
  },
  { passive: false },
);
canvas.addEventListener('pointerdown', (event) => {
  isDragged = false;
  canvas.setPointerCapture(event.pointerId);
});
canvas.addEventListener('pointermove', (event) => {
  if (event.buttons === 1 && event.movementX !== 0) {
    isDragged = true;
    move(-event.movementX / width());
  }
  const thing = thingAt(event);
  canvas.title = thing === undefined ? '' : 'mark' in thing ? markText(thing.mark) : thing.bar.text;
});
canvas.addEventListener('click', (event) => {
  if (!isDragged) tell(thingAt(event));
});
canvas.addEventListener('dblclick', (event) => zoom(zoomStep ** 2, timeAt(event.offsetX)));
rowsBy.addEventListener('change', arrange);
filter.addEventListener('input', arrange);
for (const [id, key] of [
  ['closer', '+'],
  ['wider', '-'],
  ['all', '0'],
]) {
  element(String(id), HTMLButtonElement).addEventListener('click', () => keys[String(key)]?.());
}
for (const button of document.querySelectorAll('button[data-verdict]')) {
  if (button instanceof HTMLElement)
    button.addEventListener('click', () => showVerdict(Number(button.dataset['verdict'])));
}
window.addEventListener('resize', draw);
window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
  colors.clear();
  draw();
});
const broken = run.verdicts.findIndex(({ holds, operations }) => holds === false && operations.length > 0);
arrange();
if (broken !== -1) showVerdict(broken);
