import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { MiB } from '../../common/bytes.ts';
import type { ChecksumAlgorithm, ChecksumType } from './checksums/checksum-algorithms.ts';
import { createChecksum } from './checksums/running-checksum.ts';
import { type ClaimedPart, type Completion, type CompletionClaim, planCompletion } from './completion.ts';
import { numbered } from './files.fixture.ts';
import type { UploadedPart } from './object-ports.ts';

const none = { checksumAlgorithm: undefined, checksumType: undefined };

function part(partNumber: number, data: Buffer, algorithm?: ChecksumAlgorithm, sizeBytes = 5 * MiB): UploadedPart {
  return {
    partNumber,
    fileId: `file ${partNumber}`,
    sizeBytes,
    etag: createHash('md5').update(data).digest('hex'),
    checksum: algorithm === undefined ? undefined : { algorithm, value: checksum(algorithm, data) },
    lastModified: new Date(0),
  };
}

function checksum(algorithm: ChecksumAlgorithm, data: Buffer): string {
  const running = createChecksum(algorithm);
  running.update(data);
  return running.digest();
}

function claim(parts: readonly ClaimedPart[], rest: Partial<CompletionClaim> = {}): CompletionClaim {
  return { parts, checksum: undefined, checksumType: undefined, sizeBytes: undefined, ...rest };
}

const [first, second, third] = [1, 2, 3].map((number) => part(number, Buffer.from(`data ${number}`))) as [
  UploadedPart,
  UploadedPart,
  UploadedPart,
];
const uploaded = [first, second, third];

test('the parts that are named, and no others, make the object', () => {
  const made = planCompletion(none, claim([first, third]), uploaded) as Completion;
  assert.deepEqual(made.parts, [first, third]);
  assert.equal(made.sizeBytes, 10 * MiB);
  const md5s = Buffer.concat([first, third].map(({ etag }) => Buffer.from(etag, 'hex')));
  assert.equal(made.etag, `${createHash('md5').update(md5s).digest('hex')}-2`);
});

test('parts out of order, or twice, are refused before anything else', () => {
  const outcome = { problem: 'not-ascending' };
  assert.deepEqual(planCompletion(none, claim([second, first]), uploaded), outcome);
  assert.deepEqual(planCompletion(none, claim([first, first]), uploaded), outcome);
});

test('a part that was not uploaded, or is another by now, is named', () => {
  const absent = { partNumber: 4, etag: first.etag, checksum: undefined };
  const replaced = { partNumber: 2, etag: first.etag, checksum: undefined };
  const foreign = { ...first, checksum: { algorithm: 'CRC32', value: 'AAAAAA==' } } as const;
  for (const bad of [absent, replaced, foreign]) {
    assert.deepEqual(planCompletion(none, claim([bad]), uploaded), { problem: 'no-such-part', part: bad });
  }
});

test('only the last part may be small', () => {
  const small = part(2, Buffer.from('x'), undefined, 5 * MiB - 1);
  const outcome = planCompletion(none, claim([first, small, third]), [first, small, third]);
  assert.deepEqual(outcome, { problem: 'part-too-small', part: small });
  assert.ok('parts' in planCompletion(none, claim([first, small]), [first, small]));
});

test('an object of more than 5 TiB, or of another size than was claimed, is refused', () => {
  const sizeBytes = 600 * 1024 ** 3;
  const huge = Array.from({ length: 10 }, (_, index) => part(index + 1, Buffer.from('x'), undefined, sizeBytes));
  assert.deepEqual(planCompletion(none, claim(huge), huge), { problem: 'too-large', sizeBytes: 10 * sizeBytes });
  const asked = claim([first], { sizeBytes: 1 });
  assert.deepEqual(planCompletion(none, asked, uploaded), { problem: 'size-differs', sizeBytes: 5 * MiB });
});

test('a full-object checksum is that of all bytes, however they were cut', () => {
  const pieces = [numbered(5 * MiB), Buffer.from('the end')];
  for (const checksumAlgorithm of ['CRC32', 'CRC32C', 'CRC64NVME'] as const) {
    const parts = pieces.map((piece, index) => part(index + 1, piece, checksumAlgorithm, piece.length));
    const made = planCompletion({ checksumAlgorithm, checksumType: 'FULL_OBJECT' }, claim(parts), parts) as Completion;
    const value = checksum(checksumAlgorithm, Buffer.concat(pieces));
    assert.deepEqual(made.checksum, { algorithm: checksumAlgorithm, type: 'FULL_OBJECT', value });
  }
});

test('a composite checksum needs that of each part, and is held to the one that is claimed', () => {
  const upload: { checksumAlgorithm: ChecksumAlgorithm; checksumType: ChecksumType } = {
    checksumAlgorithm: 'SHA256',
    checksumType: 'COMPOSITE',
  };
  const parts = [1, 2].map((number) => part(number, Buffer.from(`data ${number}`), 'SHA256'));
  const made = planCompletion(upload, claim(parts), parts) as Completion;
  const digests = parts.map(({ checksum: sum }) => Buffer.from(sum?.value ?? '', 'base64'));
  const value = createHash('sha256').update(Buffer.concat(digests)).digest('base64');
  assert.deepEqual(made.checksum, { algorithm: 'SHA256', type: 'COMPOSITE', value: `${value}-2` });
  for (const claimed of [value, `${value}-2`]) {
    const asked = claim(parts, { checksum: { algorithm: 'SHA256', value: claimed } });
    assert.ok('parts' in planCompletion(upload, asked, parts));
  }
  const wrong = claim(parts, { checksum: { algorithm: 'SHA256', value: `${value}-3` } });
  assert.deepEqual(planCompletion(upload, wrong, parts), { problem: 'checksum-differs', algorithm: 'SHA256' });
  const silent = claim(parts.map((one) => ({ ...one, checksum: undefined })));
  const missing = { problem: 'part-checksum-missing', partNumber: 1, algorithm: 'SHA256' };
  assert.deepEqual(planCompletion(upload, silent, parts), missing);
  const other = claim(parts, { checksumType: 'FULL_OBJECT' });
  assert.deepEqual(planCompletion(upload, other, parts), { problem: 'another-type', expected: 'COMPOSITE' });
});
