/** Keys that programs have stumbled over. */
export const oddKeys = [
  'a',
  ' leading and trailing blanks ',
  'plus+plus',
  'per%cent %41 %2F',
  'question?mark&ampersand=equals#hash',
  '/leading/slash',
  'trailing/slash/',
  'two//slashes///in/a/row',
  './dot/./dot',
  '../up/../up',
  'quotes"\'`and<angles>&amp;',
  "(round)[square]{curly}!*'~@$,;:|^",
  'back\\slash',
  'tab\there',
  'new\nline',
  'ünïcödé/日本語/🙂',
  // The same letter, composed and not: two keys.
  'caf\u00e9',
  'cafe\u0301',
  // UTF-16 orders these two the other way round than bytes do.
  '\u{ff61}',
  '\u{10002}',
  'k'.repeat(1024),
  'ä'.repeat(512),
];

/** As the store orders keys. */
export function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
