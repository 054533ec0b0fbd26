import type { Deleted, DeleteTarget, ObjectVersions, Refusal } from '../objects/object-ports.ts';
import { type Database, notIdempotent } from './database.ts';

/** Bounds the locks that one statement holds, of which PostgreSQL has a table of a few thousand, and how long it runs. */
const TARGETS_PER_STATEMENT = 50;

export function objectDeletes(database: Database): Pick<ObjectVersions, 'deleteVersions'> {
  return {
    async deleteVersions(bucketName, accountId, targets) {
      const outcomes: (Deleted | { readonly refused: Refusal })[] = [];
      for (let at = 0; at < targets.length; at += TARGETS_PER_STATEMENT) {
        const some = targets.slice(at, at + TARGETS_PER_STATEMENT);
        const values = [bucketName, accountId, JSON.stringify(some.map(targetValue))];
        const rows = await database.query<DeleteRow>('delete_versions', DELETE, values, notIdempotent);
        outcomes.push(...rows.map(outcome));
      }
      return outcomes;
    },
  };
}

function targetValue({ key, nonce, versionId, conditions }: DeleteTarget) {
  return { key: Buffer.from(key).toString('hex'), nonce, versionId, conditions };
}

interface DeleteRow {
  readonly refused: Refusal | null;
  readonly version_id: string | null;
  readonly is_delete_marker: boolean;
  readonly freed_space: boolean;
}

function outcome(row: DeleteRow): Deleted | { readonly refused: Refusal } {
  if (row.refused !== null) return { refused: row.refused };
  return {
    versionId: row.version_id ?? undefined,
    isDeleteMarker: row.is_delete_marker,
    freedSpace: row.freed_space,
  };
}

const DELETE = 'SELECT * FROM delete_versions($1, $2, $3)';
