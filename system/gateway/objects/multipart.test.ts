import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MiB } from '../../common/bytes.ts';
import { abortUpload } from './abort-upload.ts';
import { completeUpload } from './complete-upload.ts';
import { ContentDigests } from './content-digests.ts';
import { inPieces, numbered } from './files.fixture.ts';
import { memoryUpload, uploadTarget } from './memory-uploads.fixture.ts';
import { copyPart, storePart } from './store-part.ts';

const { signal } = new AbortController();
type Upload = ReturnType<typeof memoryUpload>;

function put(upload: Upload, partNumber: number, data: Buffer) {
  const digests = new ContentDigests(upload.state.upload?.checksumAlgorithm);
  async function* bytes() {
    for await (const piece of inPieces(data)) {
      digests.update(piece);
      yield piece;
    }
  }
  const body = { bytes: bytes(), digests: () => digests.digests() };
  return storePart(upload.deps, { ...uploadTarget, partNumber }, data.length, body, signal);
}

function complete(upload: Upload, named: readonly { readonly partNumber: number; readonly etag: string }[]) {
  const parts = named.map(({ partNumber, etag }) => ({ partNumber, etag, checksum: undefined }));
  const claim = { parts, checksum: undefined, checksumType: undefined, sizeBytes: undefined };
  return completeUpload(upload.deps, uploadTarget, claim, {});
}

test('a part that comes again takes the place of the first, whose space is given back', async () => {
  const upload = memoryUpload();
  await put(upload, 1, numbered(1_000));
  const { etag } = await put(upload, 1, numbered(2_000));
  assert.equal(upload.parts.get(1)?.etag, etag);
  assert.equal(upload.metadata.files.size, 1);
  assert.equal(upload.metadata.deletions.size, 12);
});

test('a part of an upload that was aborted meanwhile leaves nothing behind', async () => {
  const upload = memoryUpload();
  await abortUpload(upload.deps, uploadTarget);
  await assert.rejects(put(upload, 1, numbered(1_000)), { refusal: 'no-upload' });
  assert.equal(upload.metadata.sessions.size, 0);
  assert.equal(upload.metadata.files.size, 0);
  assert.equal(upload.metadata.deletions.size, 12);
});

test('an upload is aborted once', async () => {
  const upload = memoryUpload();
  await abortUpload(upload.deps, uploadTarget);
  await assert.rejects(abortUpload(upload.deps, uploadTarget), { refusal: 'no-upload' });
});

test('whoever completes an upload again is told what the first one made', async () => {
  const upload = memoryUpload();
  const first = await put(upload, 1, numbered(5 * MiB));
  const second = await put(upload, 2, numbered(10));
  const named = [
    { partNumber: 1, etag: first.etag },
    { partNumber: 2, etag: second.etag },
  ];
  const made = await complete(upload, named);
  assert.ok('versionId' in made);
  assert.equal(made.sizeBytes, 5 * MiB + 10);
  assert.deepEqual(await complete(upload, named), made);
});

test('of two that complete an upload at once, neither is told that its parts are missing', async () => {
  const upload = memoryUpload();
  const { etag } = await put(upload, 1, numbered(10));
  const { uploadParts } = upload.metadata;
  // The other one completes between this one's look at the upload and its look at the parts.
  upload.metadata.uploadParts = async (...asked) => {
    upload.metadata.uploadParts = uploadParts;
    await complete(upload, [{ partNumber: 1, etag }]);
    return uploadParts(...asked);
  };
  const made = await complete(upload, [{ partNumber: 1, etag }]);
  assert.deepEqual(made, upload.state.completed);
});

test('a part that was replaced between the look and the commit is no part of what was meant', async () => {
  const upload = memoryUpload();
  const { etag } = await put(upload, 1, numbered(10));
  const { uploadParts } = upload.metadata;
  upload.metadata.uploadParts = async (...asked) => {
    const seen = await uploadParts(...asked);
    await put(upload, 1, numbered(20));
    return seen;
  };
  const outcome = await complete(upload, [{ partNumber: 1, etag }]);
  assert.equal('problem' in outcome && outcome.problem, 'no-such-part');
});

test('a copied part has the digests of its bytes, and its source is closed', async () => {
  const upload = memoryUpload({ checksumAlgorithm: 'CRC32C', checksumType: 'FULL_OBJECT' });
  const data = numbered(100_000);
  const source = await put(upload, 1, data);
  const file = await upload.files.completed(upload.parts.get(1)?.fileId ?? '');
  const open = await upload.files.readContent(file, { start: 0, end: data.length }, signal);
  const target = { ...uploadTarget, partNumber: 2 };
  const copied = await copyPart(upload.deps, target, { open, bytes: data.length }, 'CRC32C', signal);
  assert.deepEqual(copied, source);
  assert.equal(upload.files.readers, 0);
  assert.equal(upload.nodes.lent, 0);
});
