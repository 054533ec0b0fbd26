import type { IncomingMessage, ServerResponse } from 'node:http';
import { assert } from '../../../common/assert.ts';
import type { Clock } from '../../../common/clock.ts';
import type { ChecksumAlgorithm } from '../../objects/checksums/checksum-algorithms.ts';
import type { Room } from '../../objects/room.ts';
import { continueBody, requestBody } from '../../wire/request-body.ts';
import { S3Error } from '../errors.ts';
import { decodePayload, type PayloadPlan } from '../sigv4/payload.ts';
import { BodyDigests } from './body-digests.ts';
import type { ExpectedDigests } from './expected-digests.ts';
import type { BodyDigest, S3Body, VerifiedStream } from './s3-body.ts';

export interface RequestS3BodyOptions {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly clock: Clock;
  readonly idleTimeoutMs: number;
  readonly plan: PayloadPlan;
  readonly expected: ExpectedDigests;
  /** In bytes, for what `read` reads. */
  readonly documents: Room;
  readonly signal: AbortSignal;
}

/** The body of a request that Node is reading. */
export class RequestS3Body implements S3Body {
  readonly declaredBytes: number | undefined;
  readonly expected: ExpectedDigests;
  readonly #options: RequestS3BodyOptions;

  constructor(options: RequestS3BodyOptions) {
    const { request, plan, expected } = options;
    const length = request.headers['content-length'];
    this.#options = options;
    this.expected = expected;
    if (plan.kind === 'chunked') this.declaredBytes = plan.decodedBytes;
    else this.declaredBytes = length === undefined ? undefined : Number(length);
  }

  async read(bytesMax: number): Promise<Buffer> {
    if ((this.declaredBytes ?? 0) > bytesMax) throw tooLong(bytesMax);
    const { documents, signal } = this.#options;
    using _room = await documents.take(this.declaredBytes ?? bytesMax, signal);
    const pieces: Buffer[] = [];
    let bytes = 0;
    for await (const piece of this.stream({ md5: false }).bytes) {
      bytes += piece.length;
      if (bytes > bytesMax) throw tooLong(bytesMax);
      pieces.push(piece);
    }
    return Buffer.concat(pieces);
  }

  stream(want: { readonly md5: boolean; readonly checksum?: ChecksumAlgorithm | undefined }): VerifiedStream {
    const { request, response, clock, idleTimeoutMs, plan, expected } = this.#options;
    const signedSha256 = plan.kind === 'plain' ? plan.sha256 : undefined;
    const running = new BodyDigests(expected, { ...want, signedSha256 });
    continueBody(request, response);
    const { bytes, trailers } = decodePayload(requestBody(request, clock, idleTimeoutMs), plan);
    let found: BodyDigest | undefined;
    const verified = async function* (): AsyncGenerator<Buffer, void, undefined> {
      for await (const piece of bytes) {
        running.update(piece);
        yield piece;
      }
      // Here and not in digests(), so that nobody can come to the end of what was not verified.
      const { md5Hex, checksum } = running.verify(trailers);
      found = { md5: md5Hex, checksum };
    };
    return {
      bytes: verified(),
      digests: () => {
        assert(found !== undefined, 'the digests of a body were asked for before its end');
        return found;
      },
    };
  }
}

function tooLong(bytesMax: number): S3Error {
  return new S3Error('MaxMessageLengthExceeded', undefined, { MaxMessageLengthBytes: String(bytesMax) });
}
