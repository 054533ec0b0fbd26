import { MiB } from '../../common/bytes.ts';
import type { DeleteTarget } from '../objects/object-ports.ts';
import { S3Error } from './errors.ts';
import { isVersionId } from './object-target.ts';
import { deleteConditions } from './write-conditions.ts';
import { textByName } from './xml/known-children.ts';
import { readXml } from './xml/read-xml.ts';

/** 1,000 keys of 1,024 bytes, each of them written as a reference of six. */
export const DELETE_BYTES_MAX = 8 * MiB;
const KEYS_MAX = 1_000;

export interface DeleteDocument {
  readonly isQuiet: boolean;
  readonly objects: readonly AskedDeletion[];
}

/** One of the keys: what is to be deleted, or why that cannot be. */
export type AskedDeletion = { readonly key: string; readonly versionId: string | undefined } & (
  | { readonly target: Omit<DeleteTarget, 'nonce'> }
  | { readonly error: S3Error }
);

const objectNames = ['Key', 'VersionId', 'ETag', 'LastModifiedTime', 'Size'] as const;

/** Reads the document of DeleteObjects. Throws MalformedXML, also for more than 1,000 keys, as AWS does. */
export function readDelete(document: Buffer): DeleteDocument {
  if (document.length === 0) throw new S3Error('MissingRequestBodyError');
  const { children } = readXml(document, 'Delete');
  const quiet = children.filter(({ name }) => name === 'Quiet');
  const objects = children.filter(({ name }) => name === 'Object');
  const isGood = quiet.length <= 1 && quiet.length + objects.length === children.length;
  if (!isGood || objects.length === 0 || objects.length > KEYS_MAX) throw new S3Error('MalformedXML');
  return {
    isQuiet: quiet[0]?.text.trim().toLowerCase() === 'true',
    objects: objects.map((element) => asked(textByName(element, objectNames))),
  };
}

function asked(texts: Partial<Record<(typeof objectNames)[number], string>>): AskedDeletion {
  const { Key: key = '', VersionId: versionId } = texts;
  if (key === '') throw new S3Error('MalformedXML');
  const about = { key, versionId: versionId || undefined };
  try {
    if (Buffer.byteLength(key) > 1_024) throw new S3Error('KeyTooLongError');
    if (about.versionId !== undefined && !isVersionId(about.versionId)) throw new S3Error('NoSuchVersion');
    const conditions = deleteConditions({ etag: texts.ETag, lastModified: texts.LastModifiedTime, size: texts.Size });
    return { ...about, target: { ...about, conditions } };
  } catch (error) {
    if (error instanceof S3Error) return { ...about, error };
    throw error;
  }
}
