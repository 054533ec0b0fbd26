import { checksumAlgorithms, isChecksumValue } from '../objects/checksums/checksum-algorithms.ts';
import { type ChecksumValue, type ClaimedPart, PART_NUMBER_MAX } from '../objects/completion.ts';
import { S3Error } from './errors.ts';
import { textByName } from './xml/known-children.ts';
import { readXml, type XmlElement } from './xml/read-xml.ts';

/** 10,000 parts, each with an ETag, a checksum and room for white space. */
export const COMPLETION_BYTES_MAX = 8 * 1024 * 1024;

const checksumElements = checksumAlgorithms.map((algorithm) => `Checksum${algorithm}` as const);

/** The parts that CompleteMultipartUpload names, in the order of the document. Throws MalformedXML and InvalidArgument. */
export function readCompletion(document: Buffer): readonly ClaimedPart[] {
  const { children } = readXml(document, 'CompleteMultipartUpload');
  if (children.length === 0 || children.length > PART_NUMBER_MAX || children.some(({ name }) => name !== 'Part')) {
    throw new S3Error('MalformedXML');
  }
  return children.map(readPart);
}

function readPart(element: XmlElement): ClaimedPart {
  const texts = textByName(element, ['PartNumber', 'ETag', ...checksumElements]);
  const { PartNumber, ETag } = texts;
  if (PartNumber === undefined || ETag === undefined || !/^-?\d{1,10}$/.test(PartNumber.trim())) {
    throw new S3Error('MalformedXML');
  }
  const partNumber = Number(PartNumber);
  if (partNumber < 1 || partNumber > PART_NUMBER_MAX) {
    throw new S3Error('InvalidArgument', 'PartNumber must be between 1 and 10000', {
      ArgumentName: 'partNumber',
      ArgumentValue: PartNumber,
    });
  }
  return { partNumber, etag: ETag.trim().replace(/^"(.*)"$/, '$1'), checksum: readChecksum(texts) };
}

function readChecksum(texts: Partial<Record<(typeof checksumElements)[number], string>>): ChecksumValue | undefined {
  const found = checksumAlgorithms.flatMap((algorithm) => {
    const value = texts[`Checksum${algorithm}`];
    return value === undefined ? [] : [{ algorithm, value }];
  });
  const [checksum, ...others] = found;
  if (checksum === undefined) return undefined;
  if (others.length === 0 && isChecksumValue(checksum.algorithm, checksum.value)) return checksum;
  throw new S3Error('InvalidArgument', 'Invalid Base64 or multiple checksums present in request', {
    ArgumentName: 'Checksum',
    ArgumentValue: found.map(({ algorithm, value }) => `${algorithm}:${value};`).join(''),
  });
}
