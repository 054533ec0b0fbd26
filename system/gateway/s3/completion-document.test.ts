import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readCompletion } from './completion-document.ts';

const etag = 'd41d8cd98f00b204e9800998ecf8427e';

function document(parts: string): Buffer {
  return Buffer.from(
    `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${parts}</CompleteMultipartUpload>`,
  );
}

test('an ETag is read with quotes, with quotes that are escaped, and without', () => {
  for (const written of [etag, `"${etag}"`, `&quot;${etag}&quot;`, ` "${etag}"\n`]) {
    const parts = readCompletion(document(`<Part><PartNumber>7</PartNumber><ETag>${written}</ETag></Part>`));
    assert.deepEqual(parts, [{ partNumber: 7, etag, checksum: undefined }]);
  }
});

test('a part tells its checksum in any algorithm, but in one only, and whole', () => {
  const part = (sums: string) => `<Part><ETag>${etag}</ETag><PartNumber>1</PartNumber>${sums}</Part>`;
  const crc = '<ChecksumCRC32>AAAAAA==</ChecksumCRC32>';
  const [read] = readCompletion(document(part(crc)));
  assert.deepEqual(read?.checksum, { algorithm: 'CRC32', value: 'AAAAAA==' });
  for (const bad of [`${crc}<ChecksumCRC32C>AAAAAA==</ChecksumCRC32C>`, '<ChecksumSHA1>AAAAAA==</ChecksumSHA1>']) {
    assert.throws(() => readCompletion(document(part(bad))), { code: 'InvalidArgument' });
  }
});

test('no parts, too many, and what is no part are refused', () => {
  const part = (number: string) => `<Part><PartNumber>${number}</PartNumber><ETag>${etag}</ETag></Part>`;
  const malformed = ['', part('1').repeat(10_001), '<Piece/>', '<Part><PartNumber>1</PartNumber></Part>', part('one')];
  for (const bad of malformed) assert.throws(() => readCompletion(document(bad)), { code: 'MalformedXML' });
  for (const number of ['0', '-1', '10001']) {
    assert.throws(() => readCompletion(document(part(number))), { code: 'InvalidArgument' });
  }
});
