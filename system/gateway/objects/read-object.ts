import { MiB } from '../../common/bytes.ts';
import type { ByteRange } from './byte-range.ts';
import { StoreError } from './errors.ts';
import type { Files } from './files.ts';
import type { ObjectContent, ObjectVersion, ObjectVersions, Segment } from './object-ports.ts';
import type { OpenFile } from './read-file.ts';

/** An object may have 10,000 parts: so many of them are known at a time. */
const SEGMENTS_PER_FETCH = 16;
/**
 * The next part is opened when so much of the current one is left: early enough that a fast client sees no gap, and not
 * so early that a slow one keeps the streams of two parts open for hours.
 */
const OPEN_AHEAD_BYTES = 4 * MiB;

export interface ObjectReadDeps {
  readonly metadata: Pick<ObjectVersions, 'segments'>;
  readonly files: Pick<Files, 'readContent' | 'oneOfMany'>;
}

/**
 * Opens a range of a version's bytes, as openFile does that of a file: resolves once the first of them are there.
 * Throws StoreError FileNotFound when the version is gone, and DataUnavailable, DataDamaged or Overloaded; a version that was deleted since it
 * was looked up may show as DataUnavailable too.
 */
export async function openObject(
  deps: ObjectReadDeps,
  version: Pick<ObjectVersion, 'versionUid'>,
  content: ObjectContent,
  range: ByteRange,
  signal: AbortSignal,
): Promise<OpenFile> {
  switch (content.kind) {
    case 'inline':
      return inMemory(content.data.subarray(range.start, range.end));
    case 'file':
      return deps.files.oneOfMany(signal, () => deps.files.readContent(content.file, range, signal));
    case 'parts': {
      const parts = new PartsReader(deps, version.versionUid, range, signal);
      // One of many as a whole: a part may not have to wait while the client has the one before it.
      return deps.files.oneOfMany(signal, async () => {
        await parts.openFirst();
        return parts;
      });
    }
  }
}

function inMemory(data: Buffer): OpenFile {
  return {
    async *bytes() {
      if (data.length > 0) yield data;
    },
    [Symbol.dispose]: () => undefined,
  };
}

interface OpenPart {
  readonly open: OpenFile;
  readonly bytes: number;
}

/** Reads the parts that a range touches one after the other, and has the next one open before the current one ends. */
class PartsReader implements OpenFile {
  readonly #deps: ObjectReadDeps;
  readonly #versionUid: string;
  readonly #range: ByteRange;
  readonly #signal: AbortSignal;
  #segments: Segment[] = [];
  /** Where the parts that were opened end, in the object. */
  #openedTo: number;
  #current: OpenPart | undefined;
  #next: Promise<OpenPart | undefined> | undefined;

  constructor(deps: ObjectReadDeps, versionUid: string, range: ByteRange, signal: AbortSignal) {
    this.#deps = deps;
    this.#versionUid = versionUid;
    this.#range = range;
    this.#openedTo = range.start;
    this.#signal = signal;
  }

  async openFirst(): Promise<void> {
    this.#current = await this.#openNext();
  }

  async *bytes(): AsyncGenerator<Buffer, void, undefined> {
    while (this.#current !== undefined) {
      let left = this.#current.bytes;
      for await (const piece of this.#current.open.bytes()) {
        left -= piece.length;
        if (left <= OPEN_AHEAD_BYTES) this.#openAhead();
        yield piece;
      }
      this.#closeCurrent();
      this.#openAhead();
      this.#current = await this.#next;
      this.#next = undefined;
    }
  }

  [Symbol.dispose](): void {
    this.#closeCurrent();
    this.#next?.then(
      (part) => part?.open[Symbol.dispose](),
      () => undefined,
    );
    this.#next = undefined;
  }

  #closeCurrent(): void {
    this.#current?.open[Symbol.dispose]();
    this.#current = undefined;
  }

  #openAhead(): void {
    if (this.#next !== undefined) return;
    this.#next = this.#openNext();
    // Whoever waits for the part sees the failure; until then it is not an unhandled one.
    this.#next.catch(() => undefined);
  }

  async #openNext(): Promise<OpenPart | undefined> {
    if (this.#openedTo >= this.#range.end) return undefined;
    const isKnown = this.#segments.length > 0;
    try {
      return await this.#open(await this.#nextSegment());
    } catch (error) {
      if (!isKnown || !(error instanceof StoreError && error.code === 'DataUnavailable')) throw error;
      // A slow client may come to a part hours after it was looked up, when its replicas have moved to other servers.
      this.#segments = [];
      return await this.#open(await this.#nextSegment());
    }
  }

  async #open({ file, offsetBytes, sizeBytes }: Segment): Promise<OpenPart> {
    const { start, end } = this.#range;
    const range = { start: Math.max(0, start - offsetBytes), end: Math.min(sizeBytes, end - offsetBytes) };
    const open = await this.#deps.files.readContent(file, range, this.#signal);
    this.#openedTo = offsetBytes + sizeBytes;
    return { open, bytes: range.end - range.start };
  }

  async #nextSegment(): Promise<Segment> {
    if (this.#segments.length === 0) {
      const fetched = await this.#deps.metadata.segments(
        this.#versionUid,
        this.#openedTo,
        this.#range.end,
        SEGMENTS_PER_FETCH,
      );
      this.#segments = [...fetched];
    }
    const segment = this.#segments.shift();
    if (segment === undefined) throw new StoreError('FileNotFound', 'the version of the object was deleted');
    return segment;
  }
}
