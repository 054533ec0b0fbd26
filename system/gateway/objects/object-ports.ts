import type { Account, Accounts } from './account-ports.ts';
import type { ByteRange } from './byte-range.ts';
import type { ChecksumAlgorithm, ChecksumType } from './checksums/checksum-algorithms.ts';
import type { Commit, FileRecord } from './ports.ts';

/**
 * What the use cases over buckets, keys and versions need from the metadata. Each method is one round trip, all or
 * nothing, and throws StoreError as those of Metadata do: DatabaseUnavailable, Overloaded; OutcomeUnknown where it commits.
 * Keys are compared by their UTF-8 bytes; every key is valid UTF-8.
 */
export interface ObjectMetadata extends Buckets, ObjectVersions, ObjectListings, MultipartUploads, Accounts {}

// ----------------------------------------------------------------- buckets

export type Versioning = 'unversioned' | 'enabled' | 'suspended';

export interface Bucket {
  readonly bucketId: string;
  readonly name: string;
  readonly owner: Account;
  readonly region: string;
  readonly versioning: Versioning;
  readonly createdAt: Date;
}

export interface Buckets {
  /** The bucket of that name, which may be somebody else's when `isNew` is false. */
  createBucket(
    name: string,
    ownerId: string,
    region: string,
  ): Promise<{ readonly bucket: Bucket; readonly isNew: boolean }>;
  bucket(name: string): Promise<Bucket | undefined>;
  /** By name, those after `afterName`. */
  listBuckets(ownerId: string, prefix: string, afterName: string, limit: number): Promise<readonly Bucket[]>;
  /** Uploads that were not completed go with the bucket; a version, or a delete marker, holds it. */
  deleteBucket(bucketId: string): Promise<'deleted' | 'not-empty' | 'absent'>;
  /** False when the bucket is gone. */
  setVersioning(bucketId: string, versioning: Versioning): Promise<boolean>;
}

// ---------------------------------------------------------------- versions

/** What a client says of an object, and gets back with it. */
export interface ObjectAttributes {
  readonly contentType: string;
  readonly cacheControl?: string;
  readonly contentDisposition?: string;
  readonly contentEncoding?: string;
  readonly contentLanguage?: string;
  readonly expires?: string;
  readonly websiteRedirectLocation?: string;
  /** Names in lower case, without x-amz-meta-. */
  readonly userMetadata: Readonly<Record<string, string>>;
  readonly storageClass: string;
}

export interface ObjectChecksum {
  readonly algorithm: ChecksumAlgorithm;
  readonly type: ChecksumType;
  /** Base64; a composite one ends in `-` and the number of parts. */
  readonly value: string;
}

export interface ObjectVersion {
  /** Of this row, in the order in which the versions of a key were made. Not for clients. */
  readonly versionUid: string;
  readonly key: string;
  /** `null`, the word, for what was written while versioning was not enabled. */
  readonly versionId: string;
  readonly isLatest: boolean;
  readonly isDeleteMarker: boolean;
  readonly lastModified: Date;
  readonly owner: Account;
  readonly sizeBytes: number;
  /** Without quotes. Empty for a delete marker. */
  readonly etag: string;
  readonly attributes: ObjectAttributes;
  readonly checksum: ObjectChecksum | undefined;
  /** Of an object that was made by a multipart upload. */
  readonly partsCount: number | undefined;
}

/** Where the bytes are. */
export type ObjectContent =
  | { readonly kind: 'inline'; readonly data: Buffer }
  | { readonly kind: 'file'; readonly file: FileRecord }
  /** Several files: ask for them with segments(). */
  | { readonly kind: 'parts' };

/** One part of an object: a file, and where its bytes begin in the object. */
export interface Segment extends ObjectPart {
  readonly file: FileRecord;
}

export interface ObjectPart {
  readonly partNumber: number;
  readonly offsetBytes: number;
  readonly sizeBytes: number;
  readonly etag: string;
  /** Base64, by the algorithm of the object's checksum. */
  readonly checksum: string | undefined;
}

/**
 * What must hold of the current version of the key for a write to happen. ETags are without quotes; `*` is any version.
 * A delete marker counts as no version.
 */
export interface WriteConditions {
  readonly ifMatch?: readonly string[];
  readonly ifNoneMatch?: readonly string[];
  readonly ifUnmodifiedSince?: Date;
  /** Exactly, to the second; of deletions alone, as is the size. */
  readonly lastModified?: Date;
  readonly sizeBytes?: number;
}

/** Names the key that is written, and by whom. */
export interface KeyTarget {
  readonly bucketName: string;
  readonly key: string;
  /** Of who asks. A bucket that belongs to somebody else is refused. */
  readonly accountId: string;
}

export interface ObjectPut extends KeyTarget {
  readonly attributes: ObjectAttributes;
  readonly sizeBytes: number;
  readonly etag: string;
  readonly checksum: ObjectChecksum | undefined;
  readonly conditions: WriteConditions;
  /** Makes the version id unpredictable: 16 hexadecimal digits. */
  readonly nonce: string;
}

export type Refusal =
  | 'no-bucket'
  | 'not-owner'
  /** If-Match, and there is no current version. */
  | 'no-key'
  | 'precondition-failed'
  /** The version that was to be copied is gone; for the metadata, the upload too. */
  | 'source-gone'
  | 'no-upload';

export interface StoredVersion {
  readonly versionId: string;
  readonly lastModified: Date;
  /** The bucket's at that moment: version ids are told only when it is not `unversioned`. */
  readonly versioning: Versioning;
  readonly etag: string;
  readonly sizeBytes: number;
  readonly checksum: ObjectChecksum | undefined;
}

/** `freedSpace`: replicas were queued for deletion. A refusal has changed nothing. */
export type Stored = { readonly version: StoredVersion; readonly freedSpace: boolean } | { readonly refused: Refusal };

export interface DeleteTarget {
  readonly key: string;
  readonly versionId: string | undefined;
  readonly conditions: WriteConditions;
  readonly nonce: string;
}

export interface Deleted {
  /** The version that was removed, or the delete marker that was made. */
  readonly versionId: string | undefined;
  /** A delete marker was made, or removed. */
  readonly isDeleteMarker: boolean;
  readonly freedSpace: boolean;
}

export interface ObjectVersions {
  /** `version` may be a delete marker. With `content`, where its bytes are too. */
  lookup(
    bucketName: string,
    key: string,
    versionId: string | undefined,
    want: 'head' | 'content',
  ): Promise<{
    readonly bucket: Bucket | undefined;
    readonly version: ObjectVersion | undefined;
    readonly content: ObjectContent | undefined;
  }>;
  /** The parts of a version that overlap [start, end), in order, at most `limit`. Empty when the version is gone. */
  segments(versionUid: string, start: number, end: number, limit: number): Promise<readonly Segment[]>;
  /** Parts after `afterPart`, in order. */
  objectParts(versionUid: string, afterPart: number, limit: number): Promise<readonly ObjectPart[]>;

  putInline(put: ObjectPut, data: Buffer): Promise<Stored>;
  /**
   * Commits a file, as Metadata.commit does, and makes it the content of a new version. `undefined` when the session is
   * not active any more. After a refusal the session is still active, for the caller to cancel.
   */
  putFile(put: ObjectPut, commit: Commit): Promise<Stored | undefined>;
  /** A new version with the content of another: files are shared and counted. */
  putCopy(put: ObjectPut, sourceVersionUid: string): Promise<Stored>;
  /** Each as if alone, under the conditions of its own; in the order asked. */
  deleteVersions(
    bucketName: string,
    accountId: string,
    targets: readonly DeleteTarget[],
  ): Promise<readonly (Deleted | { readonly refused: Refusal })[]>;
}

// ---------------------------------------------------------------- listings

export interface ListingPage {
  readonly prefix: string;
  /** Empty for none. */
  readonly delimiter: string;
  readonly limit: number;
}

/** Entries and common prefixes in one order: that of the bytes of the key or prefix. */
export type ListingEntry<Item> = { readonly item: Item } | { readonly commonPrefix: string };

export interface Listed<Item> {
  readonly entries: readonly ListingEntry<Item>[];
  /** There is more behind the last entry. */
  readonly isTruncated: boolean;
}

/** What a listing tells of a version: not all that the client said with it, which may be kilobytes a key. */
export interface ListedVersion
  extends Pick<
    ObjectVersion,
    'key' | 'versionId' | 'isLatest' | 'isDeleteMarker' | 'lastModified' | 'owner' | 'sizeBytes' | 'etag'
  > {
  readonly storageClass: string;
  readonly checksum: Pick<ObjectChecksum, 'algorithm' | 'type'> | undefined;
}

export interface ListedUpload
  extends Pick<MultipartUpload, 'uploadId' | 'key' | 'initiatedAt' | 'owner' | 'checksumAlgorithm' | 'checksumType'> {
  readonly storageClass: string;
}

/**
 * A listing goes on behind a key, or behind a common prefix of the same listing: one that ends where its first delimiter
 * behind the page's prefix does. Under such a prefix nothing is listed any more. Behind a key in the middle of such a
 * group, the group is listed if it has keys there. A limit of 0 lists nothing.
 */
export interface ObjectListings {
  /** Current objects. An empty `after` begins at the beginning. */
  listObjects(bucketId: string, page: ListingPage & { readonly after: string }): Promise<Listed<ListedVersion>>;
  /**
   * Every version and delete marker, newest first within a key. Without a version id, those behind all of the key's;
   * with one, the key's older versions too.
   */
  listVersions(
    bucketId: string,
    page: ListingPage & { readonly afterKey: string; readonly afterVersionId: string | undefined },
  ): Promise<Listed<ListedVersion>>;
  /** Uploads under way, by key and then by when they began. The markers are as those of versions. */
  listUploads(
    bucketId: string,
    page: ListingPage & { readonly afterKey: string; readonly afterUploadId: string | undefined },
  ): Promise<Listed<ListedUpload>>;
}

// --------------------------------------------------------------- multipart

export interface MultipartUpload {
  readonly uploadId: string;
  readonly key: string;
  readonly initiatedAt: Date;
  readonly owner: Account;
  readonly attributes: ObjectAttributes;
  readonly checksumAlgorithm: ChecksumAlgorithm | undefined;
  readonly checksumType: ChecksumType | undefined;
}

export interface UploadedPart {
  readonly partNumber: number;
  readonly fileId: string;
  readonly sizeBytes: number;
  readonly etag: string;
  readonly checksum: { readonly algorithm: ChecksumAlgorithm; readonly value: string } | undefined;
  readonly lastModified: Date;
}

export interface MultipartUploads {
  createUpload(
    target: KeyTarget,
    upload: Pick<MultipartUpload, 'uploadId' | 'attributes' | 'checksumAlgorithm' | 'checksumType'>,
  ): Promise<{ readonly initiatedAt: Date } | { readonly refused: Refusal }>;
  /** `completed` is what an upload that was completed not long ago had made. */
  upload(
    bucketName: string,
    key: string,
    uploadId: string,
  ): Promise<{
    readonly bucket: Bucket | undefined;
    readonly upload: MultipartUpload | undefined;
    readonly completed: StoredVersion | undefined;
  }>;
  /** Commits a file as a part, in place of an older one of that number. `undefined` when the session is not active any more. */
  putPart(
    uploadId: string,
    part: Omit<UploadedPart, 'lastModified'>,
    commit: Commit,
  ): Promise<{ readonly lastModified: Date; readonly freedSpace: boolean } | { readonly refused: Refusal } | undefined>;
  /**
   * Makes what is the range of a version a part too, without moving a byte. `undefined`, and nothing is changed, when it is not
   * exactly one file there, when the version is gone, or when the upload wants a checksum that is not known of it.
   */
  sharePart(
    uploadId: string,
    partNumber: number,
    sourceVersionUid: string,
    range: ByteRange,
  ): Promise<{ readonly part: UploadedPart; readonly freedSpace: boolean } | { readonly refused: Refusal } | undefined>;
  /** By number, those after `afterPart`. */
  uploadParts(uploadId: string, afterPart: number, limit: number): Promise<readonly UploadedPart[]>;
  /**
   * Makes the parts, in their order, the content of a new version; parts that are not named are given up. `parts-changed` when one
   * of them is not there any more as it is said here. To be repeated safely: who comes second gets what the first has made.
   */
  completeUpload(
    put: ObjectPut,
    uploadId: string,
    parts: readonly { readonly partNumber: number; readonly fileId: string }[],
  ): Promise<Stored | { readonly refused: 'parts-changed' }>;
  /** False when there is no such upload under way. */
  abortUpload(bucketName: string, key: string, uploadId: string): Promise<boolean>;
}
