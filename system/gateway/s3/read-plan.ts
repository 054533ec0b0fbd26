import { type ByteRange, parseRange } from '../objects/byte-range.ts';
import { PART_NUMBER_MAX } from '../objects/completion.ts';
import type { FoundObject } from '../objects/find-object.ts';
import type { ReadPlan } from '../objects/get-object.ts';
import type { ObjectPart, ObjectVersion } from '../objects/object-ports.ts';
import { evaluateRead, rangeApplies } from '../objects/preconditions.ts';
import { checksumHeaders } from './checksum-answer.ts';
import { quoteTags } from './entity-tags.ts';
import { S3Error } from './errors.ts';
import { attributeHeaders } from './object-attributes.ts';
import type { S3Call, S3Deps } from './operation.ts';
import { presentVersion } from './present-version.ts';
import { overriddenHeaders } from './response-overrides.ts';

/** Status and headers of a read. */
export interface ReadHead {
  readonly status: 200 | 206 | 304;
  readonly headers: Readonly<Record<string, string>>;
}

/** What of an object is sent: a range of its bytes, which is one part of it when that was asked for by its number. */
interface Section extends ByteRange {
  readonly isWhole: boolean;
  readonly part: ObjectPart | undefined;
}

/**
 * Decides what GetObject and HeadObject answer for a version, in the order of RFC 9110 section 13.2.2. Throws NoSuchKey,
 * NoSuchVersion, MethodNotAllowed, PreconditionFailed, InvalidRange, InvalidPartNumber, InvalidArgument, InvalidRequest.
 */
export async function planRead(deps: S3Deps, call: S3Call, found: FoundObject): Promise<ReadPlan<ReadHead>> {
  const { headers } = call;
  const { version, isVersioned } = presentVersion(found, call);
  const validators = { etag: `"${version.etag}"`, lastModified: version.lastModified };
  const told = {
    etag: validators.etag,
    'last-modified': version.lastModified.toUTCString(),
    ...(isVersioned && { 'x-amz-version-id': version.versionId }),
  };
  const verdict = evaluateRead(
    {
      ifMatch: quoteTags(headers.get('if-match')),
      ifNoneMatch: quoteTags(headers.get('if-none-match')),
      ifModifiedSince: headers.get('if-modified-since'),
      ifUnmodifiedSince: headers.get('if-unmodified-since'),
    },
    validators,
  );
  if (verdict === 'failed') throw failed(headers).withHeaders(told);
  const described = { ...told, 'accept-ranges': 'bytes', ...attributeHeaders(version.attributes) };
  if (verdict === 'not-modified') {
    // A 304 has the headers of the 200 that say how long it may be kept (RFC 9110 section 15.4.5), and none of its body.
    const { 'content-type': _, ...rest }: Record<string, string> = described;
    return { head: { status: 304, headers: rest }, range: undefined };
  }
  const section = await sectionOf(deps, call, version, validators);
  const head: ReadHead = {
    status: section.isWhole ? 200 : 206,
    headers: { ...described, ...sectionHeaders(section, version, headers), ...overriddenHeaders(call.query) },
  };
  return { head, range: { start: section.start, end: section.end } };
}

async function sectionOf(
  deps: S3Deps,
  { query, headers }: S3Call,
  version: ObjectVersion,
  validators: Parameters<typeof rangeApplies>[1],
): Promise<Section> {
  const { sizeBytes } = version;
  const whole: Section = { start: 0, end: sizeBytes, isWhole: true, part: undefined };
  const partNumber = query.get('partNumber');
  const range = headers.get('range');
  if (partNumber !== undefined) {
    if (range !== undefined) {
      throw new S3Error('InvalidRequest', 'Cannot specify both Range header and partNumber query parameter');
    }
    return partSection(deps, version, partNumber, whole);
  }
  if (range === undefined || !rangeApplies(headers.get('if-range'), validators)) return whole;
  const parsed = parseRange(range, sizeBytes);
  if (parsed === 'whole') return whole;
  if (parsed !== 'unsatisfiable') return { ...parsed, isWhole: false, part: undefined };
  throw new S3Error('InvalidRange', undefined, {
    RangeRequested: range,
    ActualObjectSize: String(sizeBytes),
  }).withHeaders({ 'content-range': `bytes */${sizeBytes}` });
}

async function partSection(
  { metadata }: S3Deps,
  { versionUid, partsCount }: ObjectVersion,
  text: string,
  whole: Section,
): Promise<Section> {
  const partNumber = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (partNumber < 1 || partNumber > PART_NUMBER_MAX) {
    throw new S3Error('InvalidArgument', `Part number must be an integer between 1 and ${PART_NUMBER_MAX}, inclusive`, {
      ArgumentName: 'partNumber',
      ArgumentValue: text,
    });
  }
  // An object that was put whole is one part; of an empty one no range can be told.
  if (partsCount === undefined && partNumber === 1) return { ...whole, isWhole: whole.end === 0 };
  const [part] = partsCount === undefined ? [] : await metadata.objectParts(versionUid, partNumber - 1, 1);
  if (part?.partNumber !== partNumber) {
    throw new S3Error('InvalidPartNumber', undefined, {
      PartNumberRequested: text,
      ActualPartCount: String(partsCount ?? 1),
    });
  }
  const start = part.offsetBytes;
  return { start, end: start + part.sizeBytes, isWhole: part.sizeBytes === 0, part };
}

function sectionHeaders(
  { start, end, isWhole, part }: Section,
  version: ObjectVersion,
  headers: ReadonlyMap<string, string>,
): Record<string, string> {
  const { sizeBytes, partsCount } = version;
  const isAsked = headers.get('x-amz-checksum-mode')?.toUpperCase() === 'ENABLED';
  return {
    'content-length': String(end - start),
    ...(!isWhole && { 'content-range': `bytes ${start}-${end - 1}/${sizeBytes}` }),
    ...(part !== undefined && partsCount !== undefined && { 'x-amz-mp-parts-count': String(partsCount) }),
    ...(isAsked && sectionChecksum(version, part, end - start === sizeBytes)),
  };
}

/** Clients compare what they get with it, so it must be of what is sent: all of the object, or one part; none of a range. */
function sectionChecksum(
  { checksum }: ObjectVersion,
  part: ObjectPart | undefined,
  isAll: boolean,
): Record<string, string> {
  if (part === undefined) return isAll ? checksumHeaders(checksum) : {};
  if (checksum === undefined || part.checksum === undefined) return {};
  return checksumHeaders({ algorithm: checksum.algorithm, value: part.checksum, type: checksum.type });
}

function failed(headers: ReadonlyMap<string, string>): S3Error {
  const Condition = headers.has('if-match') ? 'If-Match' : 'If-Unmodified-Since';
  return new S3Error('PreconditionFailed', undefined, { Condition });
}
