import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Verdict } from '../../kit/checkers/verdict.ts';
import type { Timeline } from './timeline.ts';

const page = join(import.meta.dirname, 'page');

/** One file of HTML, which needs no other and no network. */
export async function timelinePage(timeline: Timeline): Promise<string> {
  const [css, script] = await Promise.all(
    ['timeline.css', 'timeline.js'].map((name) => readFile(join(page, name), 'utf8')),
  );
  const { scenario, seed, overall, startedAt, operations, faults } = timeline;
  const title = `${scenario}, seed ${seed}`;
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title>
<style>${css}</style>
<header>
<h1>${escaped(title)} <span class="word ${wordOf(overall)}">${wordOf(overall)}</span></h1>
<div class="faint">began ${escaped(startedAt)}, ${operations.length} operations, ${faults.length} faults</div>
<ul class="verdicts">
${timeline.verdicts.map(verdictItem).join('\n')}
</ul>
</header>
<main>
<div class="controls">
<label>rows by <select id="rows"><option value="client">client</option><option value="key">key</option></select></label>
<label>only <input id="filter" type="search" placeholder="key, client-3 or #41" size="20"></label>
<span><button id="closer">+</button> <button id="wider">−</button> <button id="all">all</button></span>
<span class="legend">${legend}</span>
</div>
<canvas id="canvas" tabindex="0" aria-label="Phases, faults, the store's own account, and operations over time"></canvas>
<output id="details">Click on an operation, a fault or a mark. Drag to move; Ctrl and the wheel, or + and −, to come closer.</output>
</main>
<script type="application/json" id="data">${inScript(timeline)}</script>
<script type="module">${script}</script>
</html>
`;
}

const legend = [
  ['write', 'write'],
  ['read', 'read'],
  ['list', 'list'],
  ['refused', 'had no effect'],
  ['unsure', 'may have'],
  ['span', 'in a gateway’s hand'],
  ['fault', 'fault'],
  ['broken', 'shows the violation'],
]
  .map(([color, text]) => `<span style="--of: var(--${color})">${text}</span>`)
  .join('');

function verdictItem({ checker, holds, because, operations }: Verdict, index: number): string {
  const sign = holds === 'unknown' ? '?' : holds ? '✓' : '✗';
  const show = operations.length === 0 ? '' : ` <button data-verdict="${index}">show</button>`;
  return `<li class="${wordOf(holds)}">${sign} <b>${escaped(checker)}</b> ${escaped(because)}${show}</li>`;
}

function wordOf(holds: Verdict['holds']): string {
  if (holds === 'unknown') return 'unknown';
  return holds ? 'pass' : 'fail';
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

/** A key may hold `</script>`. */
function inScript(value: unknown): string {
  return JSON.stringify(value).replaceAll('<', '\\u003c');
}
