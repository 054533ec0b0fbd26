import type { ObjectPut, WriteConditions } from '../objects/object-ports.ts';

/** The parameters `name, key, account, nonce, conditions, put`, with which every function in SQL that puts begins. */
export function putValues(put: ObjectPut): unknown[] {
  const { bucketName, key, accountId, nonce, attributes, sizeBytes, etag, checksum } = put;
  const said = {
    etag,
    sizeBytes,
    checksumAlgorithm: checksum?.algorithm,
    checksumType: checksum?.type,
    checksumValue: checksum?.value,
    attributes,
  };
  return [bucketName, Buffer.from(key), accountId, nonce, conditionsValue(put.conditions), JSON.stringify(said)];
}

/** JSON, as write_refusal wants it; null when nothing is asked for, which spares the database a look. */
function conditionsValue(conditions: WriteConditions): string | null {
  const json = JSON.stringify(conditions);
  return json === '{}' ? null : json;
}
