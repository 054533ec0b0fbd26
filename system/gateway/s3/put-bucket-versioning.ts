import { KiB } from '../../common/bytes.ts';
import type { Versioning } from '../objects/object-ports.ts';
import { Refused } from '../objects/refused.ts';
import { S3Error } from './errors.ts';
import type { Operation } from './operation.ts';
import { bucketOf } from './own-bucket.ts';
import { textByName } from './xml/known-children.ts';
import { readXml } from './xml/read-xml.ts';

const DOCUMENT_BYTES_MAX = 16 * KiB;

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketVersioning.html */
export const putBucketVersioning: Operation = async (deps, call) => {
  const { bucketId } = await bucketOf(deps, call);
  const versioning = readVersioning(await call.body.read(DOCUMENT_BYTES_MAX));
  if (!(await deps.metadata.setVersioning(bucketId, versioning))) throw new Refused('no-bucket');
  return { status: 200 };
};

function readVersioning(document: Buffer): Versioning {
  if (document.length === 0) throw new S3Error('MissingRequestBodyError');
  const names = ['Status', 'MfaDelete'] as const;
  const { Status, MfaDelete = 'Disabled' } = textByName(readXml(document, 'VersioningConfiguration'), names);
  if (MfaDelete === 'Enabled') throw new S3Error('NotImplemented', undefined, { Element: 'MfaDelete' });
  if (MfaDelete !== 'Disabled') throw new S3Error('MalformedXML');
  if (Status === 'Enabled') return 'enabled';
  if (Status === 'Suspended') return 'suspended';
  if (Status === undefined) {
    throw new S3Error('IllegalVersioningConfigurationException');
  }
  throw new S3Error('MalformedXML');
}
