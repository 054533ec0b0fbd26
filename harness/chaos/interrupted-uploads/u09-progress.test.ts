/**
 * A slow upload, watched through its own gateway and through another one while it goes on. A failure means that an
 * operator cannot tell a slow upload from a dead one, or that clients are shown a file that is not there yet.
 */
import assert from 'node:assert/strict';
import { RestClient } from '../../kit/clients/rest-client.ts';
import { testCase } from '../../kit/testing/test-case.ts';
import { until } from '../../kit/testing/until.ts';
import { Ledger } from '../../kit/workloads/ledger.ts';
import { assertPromisesKept, breakableStore, MiB, needs } from './breakable-store.ts';
import { HalfUpload } from './half-upload.ts';

const store = breakableStore({ gateways: 2 });
const fileBytes = 18 * MiB;
const seenWithinMs = 5_000;

testCase(
  'U22',
  'an upload that runs shows its status and its growing size through every gateway, and no file until it ends',
  { cluster: 'own', phase: 2, needs, timeoutMs: 60_000 },
  async (ctx) => {
    const cluster = await store();
    const ledger = new Ledger(ctx.id);
    const observers = cluster.gateways.map(({ rest }) => new RestClient(rest));
    ctx.defer(() => {
      for (const observer of observers) observer.close();
    });
    const upload = await HalfUpload.begin(ledger, cluster.rest, fileBytes);
    upload.sendTo(1);
    const { filename } = upload.entry.file;
    const fileId = await until({ what: 'the upload to be listed', withinMs: seenWithinMs }, async () => {
      const listed = await Promise.all(observers.map((observer) => observer.list({ status: 'uploading' })));
      const ids = listed.map(({ body }) => body.files.find((file) => file.filename === filename)?.file_id);
      return ids.every((id) => id === ids[0]) && ids[0];
    });

    for (const offset of [7 * MiB, 9 * MiB, ctx.choices.int(10 * MiB, 17 * MiB)]) {
      upload.sendTo(offset);
      const sinceMs = performance.now();
      for (const observer of observers) await untilSizeIs(observer, fileId, upload, offset);
      ctx.note(`ms until ${Math.round(offset / MiB)} MiB were seen`, Math.round(performance.now() - sinceMs));
      await assertNoFile(observers, fileId, filename);
    }

    upload.sendRest();
    assert.equal(await upload.answer(10_000), 201);
    for (const observer of observers) {
      const { upload_status, size } = (await observer.metadata(fileId)).body;
      assert.deepEqual({ upload_status, size }, { upload_status: 'completed', size: fileBytes });
    }
    await assertPromisesKept(cluster, ledger);
  },
);

/** The client sends a byte with every look, so that it is slow and not silent. */
async function untilSizeIs(observer: RestClient, fileId: string, upload: HalfUpload, bytes: number): Promise<void> {
  const looks: { size: number; upload_status: string; sentBytes: number }[] = [];
  await until({ what: `${observer.base.host} to show ${bytes} bytes`, withinMs: seenWithinMs }, async () => {
    upload.sendOneByte();
    const { size, upload_status } = (await observer.metadata(fileId)).body;
    looks.push({ size, upload_status, sentBytes: upload.sentBytes });
    return size >= bytes;
  });
  looks.forEach(({ size, upload_status, sentBytes }, n) => {
    assert.equal(upload_status, 'uploading');
    assert.ok(size >= (looks[n - 1]?.size ?? 0), `the size fell to ${size}`);
    assert.ok(size <= sentBytes, `${size} bytes are shown, and ${sentBytes} were sent`);
  });
}

async function assertNoFile(observers: readonly RestClient[], fileId: string, filename: string): Promise<void> {
  for (const observer of observers) {
    assert.equal((await observer.head(fileId)).status, 404);
    const { files } = (await observer.list({ perPage: 100 })).body;
    assert.ok(!files.some((file) => file.filename === filename), `${filename} is listed before it is whole`);
  }
}
