import assert from 'node:assert/strict';
import type { RestClient } from '../clients/rest-client.ts';
import { verifySeeded } from '../seed/verify-seeded.ts';
import { describeViolation, type Ledger, type LedgerEntry, mayBeGone, type Violation } from './ledger.ts';

export interface LedgerVerdict {
  /** Those of the run and those of reading back. */
  readonly violations: readonly Violation[];
  /** Acknowledged files that read back identical. */
  readonly kept: number;
  /** Acknowledged deletes whose file is gone. */
  readonly gone: number;
  /** Of the operations that nobody answered for: how many have happened, how many have not. */
  readonly unsureHappened: number;
  readonly unsureNot: number;
}

const readersMax = 4;
const pageSize = 100;

/**
 * Reads every file of the ledger back through `rest`, and compares the whole list with it: for the time when the load
 * has stopped and what was broken is mended. Throws when the list cannot be had.
 */
export async function verifyLedger(ledger: Ledger, rest: RestClient): Promise<LedgerVerdict> {
  if (ledger.log.running > 0) throw new Error(`${ledger.log.running} operations still run; stop the load first`);
  const listed = await listedFiles(ledger, rest);
  const verdict = { kept: 0, gone: 0, unsureHappened: 0, unsureNot: 0 };
  const left = ledger.entries[Symbol.iterator]();
  const reader = async () => {
    for (let next = left.next(); !next.done; next = left.next()) {
      const of = await judge(next.value, listed.get(next.value.file.filename) ?? [], rest, ledger);
      if (of !== undefined) verdict[of] += 1;
    }
  };
  await Promise.all(Array.from({ length: readersMax }, reader));
  return { ...verdict, violations: ledger.violations };
}

/** Fails with every violation unless there is none. */
export function assertKept({ violations }: LedgerVerdict): void {
  if (violations.length === 0) return;
  assert.fail(`${violations.length} promises were broken:\n  ${violations.map(describeViolation).join('\n  ')}`);
}

/** Ids of the listed files, by name. */
async function listedFiles(ledger: Ledger, rest: RestClient): Promise<Map<string, string[]>> {
  const listed = new Map<string, string[]>();
  for (let page = 1, total = 1; (page - 1) * pageSize < total; page++) {
    const { status, body, text } = await rest.list({ page, perPage: pageSize });
    assert.equal(status, 200, `the list was answered with ${status}: ${text}`);
    total = body.total;
    for (const { filename, file_id } of body.files) {
      if (!filename.startsWith(`${ledger.prefix}.`)) continue;
      if (ledger.entryOf(filename) === undefined) {
        ledger.violation(`${filename} is listed, and its delete was acknowledged long ago`);
        continue;
      }
      listed.set(filename, [...(listed.get(filename) ?? []), file_id]);
    }
  }
  return listed;
}

type Tallied = Exclude<keyof LedgerVerdict, 'violations'> | undefined;

async function judge(entry: LedgerEntry, ids: readonly string[], rest: RestClient, ledger: Ledger): Promise<Tallied> {
  const { file, state, deletion, upload } = entry;
  const complain = (what: string) => ledger.violation(`${file.filename}: ${what}`, upload, deletion);
  if (ids.length > 1) complain(`one upload is listed ${ids.length} times`);
  if (state === 'refused') {
    if (ids.length > 0) complain('its upload was refused, and yet it is listed');
    return undefined;
  }
  const fileId = entry.fileId ?? ids[0];
  // Without an id nobody can ask for it; that it is not listed says that it did not happen.
  if (fileId === undefined) return 'unsureNot';
  const found = await readBack(rest, fileId, entry);
  const isListed = ids.includes(fileId);
  if (found.is === 'broken') complain(found.message);
  if (found.is === 'whole' && !isListed) complain('it can be read and is not listed');
  if (found.is === 'gone' && isListed) complain('it is listed and cannot be read');
  if (deletion?.outcome === 'ok') {
    if (found.is !== 'gone') complain('its delete was acknowledged, and yet it is there');
    return 'gone';
  }
  if (mayBeGone(entry) || state === 'unsure') return found.is === 'gone' ? 'unsureNot' : 'unsureHappened';
  if (found.is === 'gone') complain('it was acknowledged and is gone');
  return found.is === 'whole' ? 'kept' : undefined;
}

type Found = { readonly is: 'whole' | 'gone' } | { readonly is: 'broken'; readonly message: string };

async function readBack(rest: RestClient, fileId: string, { file }: LedgerEntry): Promise<Found> {
  try {
    const { status, stream } = await rest.download(fileId);
    if (status !== 200) stream.resume();
    if (status === 404) return { is: 'gone' };
    if (status !== 200) return { is: 'broken', message: `reading it back was answered with ${status}` };
    const { isWhole, message } = await verifySeeded(stream, file.seed, file.sizeBytes);
    return isWhole ? { is: 'whole' } : { is: 'broken', message };
  } catch (error) {
    return { is: 'broken', message: `reading it back failed: ${error}` };
  }
}
