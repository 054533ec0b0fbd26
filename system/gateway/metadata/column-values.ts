import { types } from 'pg';
import { assert } from '../../common/assert.ts';

const INT8 = 20;

/** pg reads bigint columns as text. All of ours that are read are counts of bytes below 2^53, so numbers hold them exactly. */
export const parseValue: typeof types.getTypeParser = ((oid: number, format?: 'text' | 'binary') => {
  if (oid === INT8 && format !== 'binary') return parseBytes;
  return types.getTypeParser(oid, format);
}) as typeof types.getTypeParser;

function parseBytes(text: string): number {
  const value = Number(text);
  assert(Number.isSafeInteger(value), `a bigint column holds ${text}, expected a whole number below 2^53`);
  return value;
}
