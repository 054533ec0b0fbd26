import type { Versioning } from '../objects/object-ports.ts';
import type { Operation } from './operation.ts';
import { bucketOf } from './own-bucket.ts';
import { xmlDocument, xmlText } from './xml/write-xml.ts';

const statusOf: Record<Versioning, string | undefined> = {
  unversioned: undefined,
  enabled: 'Enabled',
  suspended: 'Suspended',
};

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketVersioning.html */
export const getBucketVersioning: Operation = async (deps, call) => {
  const { versioning } = await bucketOf(deps, call);
  return {
    status: 200,
    body: { xml: xmlDocument('VersioningConfiguration', [xmlText('Status', statusOf[versioning])]) },
  };
};
