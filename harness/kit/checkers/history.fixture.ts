import type { Call, Condition, FaultEvent, HistoryEvent, ListedVersion, Phase, Seen } from '../history/events.ts';
import { isEnd } from '../history/operations.ts';

/**
 * A history by hand, one operation or event a line; times in ms, and where two are equal the begins come first, so that they overlap.
 *
 *     0-2 a put k v1              5- a put k v2           (never ended)
 *     3-4 b get k -> v1           3-4 b head k -> absent
 *     3-4 b put k v3 if v1        3-4 b put k v3 if none -> refused
 *     3-4 b delete k -> info      3-4 b get k -> fail
 *     3-4 a put k v1 -> @7        3-4 b get k -> v1@7     (a version)
 *     3-4 b get k -> v1!torn      3-4 b get k -> ?        (wrong bytes; bytes of no value)
 *     3-4 b list p/ -> p/a=v1 p/b=?                   3-4 b list files/f- -> f-a=v1 in 2     (pages)
 *     9 phase final reads         9 recovered             9 census orphans=1 missing=0 leaked=0
 *     9 versions k=v1@7 k=marker@8 k=v1@9!torn
 *     9 cleared left=1            9 fault f1 started      (or starting, stopping, stopped, failed)
 *     9 exit gateway-1 code=1     9 not recovered         9 exit node-2 signal=SIGKILL
 *
 * A process `a@gateway-2` sends to another node than gateway-1, and `put files/k v` goes over `/files`.
 * Operations are numbered by their lines, from 1; empty lines do not count.
 */
export function historyOf(text: string): HistoryEvent[] {
  const lines = text.split('\n').map((line) => line.trim());
  const events = lines.filter((line) => line !== '').flatMap((line, index) => eventsOf(line, index + 1));
  const order = (event: HistoryEvent) => (isEnd(event) ? 1 : 0);
  const run = {
    type: 'run',
    at: 0,
    format: 1,
    seed: '1',
    scenario: 'by hand',
    startedAt: '2026-01-01T00:00:00Z',
  } as const;
  return [run, ...events.toSorted((a, b) => a.at - b.at || order(a) - order(b))];
}

function eventsOf(line: string, op: number): HistoryEvent[] {
  const [time = '', ...words] = line.split(/\s+/);
  const [from, to] = time.split('-').map((ms) => (ms === '' ? undefined : Math.round(Number(ms) * 1000)));
  if (from === undefined || Number.isNaN(from)) throw new Error(`no time in: ${line}`);
  if (!time.includes('-')) return [lone(from, words)];
  const [who = '', ...rest] = words;
  const [process = '', node = 'gateway-1'] = who.split('@');
  const arrow = rest.indexOf('->');
  const call = callOf(arrow === -1 ? rest : rest.slice(0, arrow));
  const invoke: HistoryEvent = { type: 'invoke', at: from, op, process, node, call };
  return to === undefined ? [invoke] : [invoke, endOf(to, op, call, arrow === -1 ? [] : rest.slice(arrow + 1))];
}

function lone(at: number, [kind = '', ...rest]: string[]): HistoryEvent {
  if (kind === 'phase') return { type: 'phase', at, phase: rest.join(' ') as Phase };
  if (kind === 'recovered') return { type: 'recovered', at };
  if (kind === 'not') return { type: 'not recovered', at };
  if (kind === 'fault') {
    const [fault = '', state] = rest;
    return { type: 'fault', at, fault, state: state as FaultEvent['state'], what: 'something is wrong' };
  }
  if (kind === 'exit') {
    const [node = '', how = ''] = rest;
    const [what, value = ''] = how.split('=');
    return {
      type: 'exit',
      at,
      node,
      ...(what === 'code' ? { code: Number(value), signal: null } : { code: null, signal: value }),
    };
  }
  if (kind === 'versions') return { type: 'versions', at, versions: rest.map(listedVersion) };
  if (kind === 'cleared') return { type: 'cleared', at, left: listed(rest)('left') };
  if (kind !== 'census') throw new Error(`no event of a history: ${kind}`);
  const list = listed(rest);
  return { type: 'census', at, orphans: list('orphans'), missing: list('missing'), leaked: list('leaked') };
}

/** So many of each name as `name=2` says. */
function listed(words: readonly string[]): (name: string) => string[] {
  const counted = Object.fromEntries(words.map((word) => word.split('=') as [string, string]));
  return (name) => Array.from({ length: Number(counted[name] ?? 0) }, (_, index) => `${name}-${index + 1}`);
}

function listedVersion(word: string): ListedVersion {
  const [, key = '', value = '', version = '', wrong = null] = /^(\w+)=(\w+|\?)@(\w+)(?:!(\w+))?$/.exec(word) ?? [];
  if (value === 'marker') return { key, version, content: null };
  return { key, version, content: { kind: 'content', value: value === '?' ? null : value, version, wrong } };
}

function callOf([kind = '', name = '', ...rest]: string[]): Call {
  const via = name.startsWith('files/') ? 'files' : 's3';
  const key = via === 'files' ? name.slice('files/'.length) : name;
  if (kind === 'list') return { kind, via, prefix: key };
  if (kind === 'get') return { kind, via, key, range: null };
  if (kind === 'head' || kind === 'delete') return { kind, via, key };
  if (kind !== 'put') throw new Error(`no call: ${kind}`);
  const [value = '', , asked] = rest;
  const condition: Condition | null =
    asked === undefined ? null : asked === 'none' ? { ifNoneMatch: '*' } : { ifMatch: asked };
  return { kind, via, key, value, bytes: 100, parts: 1, condition };
}

function endOf(at: number, op: number, call: Call, answer: string[]): HistoryEvent {
  const text = answer.join(' ');
  if (text === 'fail' || text === 'info') return { type: text, at, op, answer: text, trace: null, seen: null };
  return { type: 'ok', at, op, answer: '200', trace: null, seen: seenOf(call, text, answer) };
}

function seenOf(call: Call, text: string, words: string[]): Seen {
  if (text === 'refused' || text === 'absent') return { kind: text };
  if (call.kind === 'put' || call.kind === 'delete') {
    const [, version = '', wrong = ''] = /^(?:@(\w+))?(?:!(.+))?$/.exec(text) ?? [];
    return { kind: 'written', version: version === '' ? null : version, ...(wrong === '' ? {} : { wrong }) };
  }
  if (call.kind === 'list') {
    const pages = words.at(-2) === 'in' ? { pages: Number(words.at(-1)) } : {};
    const listed = 'pages' in pages ? words.slice(0, -2) : words;
    const keys = listed.map((word) => word.split('=') as [string, string]);
    return { kind: 'keys', keys: keys.map(([key, value]) => ({ key, value: value === '?' ? null : value })), ...pages };
  }
  const [found = '', ...wrong] = text.split('!');
  const [value = '', version = null] = found.split('@');
  return {
    kind: 'content',
    value: value === '?' ? null : value,
    version,
    wrong: wrong.length === 0 ? null : wrong.join('!'),
  };
}
