import type { ChecksumAlgorithm, ChecksumType } from '../objects/checksums/checksum-algorithms.ts';
import { checksumHeader } from './payload/expected-digests.ts';
import { type Xml, xmlText } from './xml/write-xml.ts';

interface Told {
  readonly algorithm: ChecksumAlgorithm;
  readonly value: string;
  /** Of an object; a part has none. */
  readonly type?: ChecksumType;
}

/** The elements that tell a checksum, in the order of AWS's schema. */
export function checksumXml(checksum: Told | undefined): Xml[] {
  if (checksum === undefined) return [];
  return [xmlText(`Checksum${checksum.algorithm}`, checksum.value), xmlText('ChecksumType', checksum.type)];
}

/** The headers that tell it. */
export function checksumHeaders(checksum: Told | undefined): Record<string, string> {
  if (checksum === undefined) return {};
  const { algorithm, value, type } = checksum;
  return { [checksumHeader(algorithm)]: value, ...(type !== undefined && { 'x-amz-checksum-type': type }) };
}
