import { assert } from '../../common/assert.ts';
import type { ObjectPut, ObjectVersions, Refusal, Stored } from '../objects/object-ports.ts';
import { type Database, notIdempotent, stubborn } from './database.ts';
import { chunksWritten, serverRemoved } from './uploads.ts';
import { putValues } from './write-values.ts';

type ObjectPuts = Pick<ObjectVersions, 'putInline' | 'putFile' | 'putCopy'>;

/**
 * New versions of keys. Each is one call of a function in SQL that has the key for itself while it looks and writes, so
 * that conditional ones are compare-and-swap. A put whose answer was lost is not sent again unless the session of its file
 * tells whether it happened: it might take effect twice, the second time over what somebody else has written since.
 */
export function objectPuts(database: Database): ObjectPuts {
  return {
    async putInline(put, data) {
      const values = [...putValues(put), data];
      const [row] = await database.query<WriteRow>('put_inline', PUT_INLINE, values, notIdempotent);
      return stored(put, row);
    },

    async putFile(put, commit) {
      const { sessionId, fileId, unitBytes } = commit;
      assert(
        commit.sizeBytes === put.sizeBytes,
        `a file of ${commit.sizeBytes} bytes for ${put.sizeBytes} of an object`,
      );
      const values = [...putValues(put), sessionId, fileId, unitBytes, chunksWritten(commit)];
      const [row] = await database.query<WriteRow>('put_file', PUT_FILE, values, stubborn);
      if (row?.refused === 'session-over') return undefined;
      if (row?.refused === 'server-removed') throw serverRemoved();
      return stored(put, row);
    },

    async putCopy(put, sourceVersionUid) {
      const values = [...putValues(put), sourceVersionUid];
      const [row] = await database.query<WriteRow>('put_copy', PUT_COPY, values, notIdempotent);
      return stored(put, row);
    },
  };
}

/** The type write_outcome. */
type WriteRow =
  | { readonly refused: Refusal | 'session-over' | 'server-removed' }
  | {
      readonly refused: null;
      readonly version_id: string;
      readonly last_modified: Date;
      readonly versioning: 'unversioned' | 'enabled' | 'suspended';
      readonly freed_space: boolean;
    };

function stored(put: ObjectPut, row: WriteRow | undefined): Stored {
  assert(row !== undefined, 'a write of a version gave no row, expected its outcome');
  if (row.refused !== null) return { refused: row.refused as Refusal };
  const version = {
    versionId: row.version_id,
    lastModified: row.last_modified,
    versioning: row.versioning,
    etag: put.etag,
    sizeBytes: put.sizeBytes,
    checksum: put.checksum,
  };
  return { version, freedSpace: row.freed_space };
}

const PUT_INLINE = 'SELECT * FROM put_inline($1, $2, $3, $4, $5, $6, $7)';
const PUT_FILE = 'SELECT * FROM put_file($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)';
const PUT_COPY = 'SELECT * FROM put_copy($1, $2, $3, $4, $5, $6, $7)';
