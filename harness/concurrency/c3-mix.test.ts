/**
 * Upload, download, metadata, list and delete in a mix that the seed decides, by clients that share their files. Each
 * client knows what must be true of what it sees: a file that was acknowledged and not deleted is whole, one that was
 * deleted is 404. A failure means that an operation takes effect late, partly, or on another file.
 */
import assert from 'node:assert/strict';
import type { RestClient } from '../kit/clients/rest-client.ts';
import type { Choices } from '../kit/seed/choices.ts';
import { restOf } from '../kit/testing/fixtures.ts';
import { testCase } from '../kit/testing/test-case.ts';
import { assertReadsBack, type SeededFile, storeFile } from '../kit/workloads/seeded-file.ts';
import { MiB } from './sizes.ts';

const clients = 16;
const operationsPerClient = 20;

interface StoredFile {
  readonly fileId: string;
  readonly file: SeededFile;
}

testCase(
  'C3',
  'a mix of upload, download, list and delete keeps every promise',
  { tags: ['concurrent'] },
  async (ctx) => {
    const rest = restOf(ctx);
    const mix = new Mix(rest);

    await Promise.all(
      Array.from({ length: clients }, (_, n) => mix.client(ctx.choices.fork(`client-${n}`), `${ctx.seed}/${n}`)),
    );

    for (const { fileId, file } of mix.living) await assertReadsBack(rest, fileId, file);
    for (const fileId of mix.deleted) assert.equal((await rest.metadata(fileId)).status, 404);
  },
);

class Mix {
  /** Files that are stored and that nobody is working on. Whoever takes one out has it alone. */
  readonly living: StoredFile[] = [];
  readonly deleted: string[] = [];
  readonly #rest: RestClient;

  constructor(rest: RestClient) {
    this.#rest = rest;
  }

  async client(choices: Choices, seed: string): Promise<void> {
    for (let n = 0; n < operationsPerClient; n++) {
      const what = choices.int(0, 99);
      if (what < 35) await this.#upload({ seed: `${seed}/${n}`, filename: `mix-${n}`, sizeBytes: choices.int(1, MiB) });
      else if (what < 60) await this.#withAny(choices, 'keep', this.#download);
      else if (what < 75) await this.#withAny(choices, 'keep', this.#metadata);
      else if (what < 85) await this.#list(choices.int(1, 5));
      else await this.#withAny(choices, 'take', this.#delete);
    }
  }

  async #upload(file: SeededFile): Promise<void> {
    const { file_id } = await storeFile(this.#rest, file);
    this.living.push({ fileId: file_id, file });
  }

  async #withAny(choices: Choices, how: 'keep' | 'take', work: (one: StoredFile) => Promise<void>): Promise<void> {
    if (this.living.length === 0) return;
    const at = choices.int(0, this.living.length - 1);
    const [one] = this.living.splice(at, 1);
    if (one === undefined) return;
    await work(one);
    if (how === 'keep') this.living.push(one);
  }

  readonly #download = ({ fileId, file }: StoredFile) => assertReadsBack(this.#rest, fileId, file);

  readonly #metadata = async ({ fileId, file }: StoredFile) => {
    const { status, body } = await this.#rest.metadata(fileId);
    assert.deepEqual([status, body.size, body.filename], [200, file.sizeBytes, file.filename]);
  };

  readonly #delete = async ({ fileId }: StoredFile) => {
    assert.equal((await this.#rest.delete(fileId)).status, 200);
    assert.equal((await this.#rest.metadata(fileId)).status, 404, 'a file that was deleted is gone at once');
    this.deleted.push(fileId);
  };

  async #list(page: number): Promise<void> {
    const { status, body } = await this.#rest.list({ page, perPage: 50 });
    assert.equal(status, 200);
    assert.ok(body.files.every(({ upload_status }) => upload_status === 'completed'));
    assert.equal(new Set(body.files.map(({ file_id }) => file_id)).size, body.files.length);
  }
}
