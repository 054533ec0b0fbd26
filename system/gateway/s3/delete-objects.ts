import { assert } from '../../common/assert.ts';
import { deleteObjects as remove } from '../objects/delete-objects.ts';
import type { Deleted, Refusal } from '../objects/object-ports.ts';
import { Refused } from '../objects/refused.ts';
import { type AskedDeletion, DELETE_BYTES_MAX, readDelete } from './delete-document.ts';
import { S3Error } from './errors.ts';
import type { Operation, S3Call } from './operation.ts';
import { bucketOf } from './own-bucket.ts';
import { asS3Error } from './render-error.ts';
import { type Xml, xmlDocument, xmlElement, xmlText } from './xml/write-xml.ts';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html: each key succeeds or fails for itself. */
export const deleteObjects: Operation = async (deps, call) => {
  requireDigest(call);
  await bucketOf(deps, call);
  const { isQuiet, objects } = readDelete(await call.body.read(DELETE_BYTES_MAX));
  const targets = objects.flatMap((asked) => ('target' in asked ? [asked.target] : []));
  const outcomes = await remove(deps.objects, call.bucketName, call.account.accountId, targets);
  const rest = outcomes.values();
  const results = objects.map((asked) => {
    if ('error' in asked) return errorXml(asked, asked.error);
    const outcome = rest.next().value;
    assert(outcome !== undefined, `the deletion of ${asked.key} has no outcome`);
    return outcomeXml(asked, outcome, isQuiet);
  });
  return { status: 200, body: { xml: xmlDocument('DeleteResult', results) } };
};

/** A document that was damaged on the way might delete something else. Throws InvalidRequest. */
function requireDigest({ body }: S3Call): void {
  const { md5, checksum } = body.expected;
  if (md5 !== undefined || checksum !== undefined) return;
  throw new S3Error('InvalidRequest', 'Missing required header for this request: Content-MD5 OR x-amz-checksum-*');
}

function outcomeXml(asked: AskedDeletion, outcome: Deleted | { readonly refused: Refusal }, isQuiet: boolean): Xml {
  if ('refused' in outcome) return errorXml(asked, asS3Error(new Refused(outcome.refused)));
  if (isQuiet) return xmlText('Deleted', undefined);
  const { isDeleteMarker, versionId } = outcome;
  return xmlElement('Deleted', [
    xmlText('Key', asked.key),
    xmlText('VersionId', asked.versionId),
    ...(isDeleteMarker ? [xmlText('DeleteMarker', true), xmlText('DeleteMarkerVersionId', versionId)] : []),
  ]);
}

function errorXml({ key, versionId }: AskedDeletion, { code, message }: S3Error): Xml {
  return xmlElement('Error', [
    xmlText('Key', key),
    xmlText('VersionId', versionId),
    xmlText('Code', code),
    xmlText('Message', message),
  ]);
}
