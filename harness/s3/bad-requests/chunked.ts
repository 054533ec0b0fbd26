import { awsChunks, streamingUnsignedTrailer } from '../../kit/clients/s3/aws-chunked.ts';
import { type SignedHead, signRequest } from '../../kit/clients/s3/sign-request.ts';
import { type Headers, onTheWire, type Place } from './bad-request.ts';

export interface ChunkedWanted {
  /** Which kind of framing it is. */
  readonly payload: string;
  readonly pieces: readonly string[];
  readonly headers?: Headers;
  readonly trailers?: Headers;
  /** What is declared; default the bytes that there are. */
  readonly decodedLength?: string | null;
  /** What becomes of the chunks behind their signing. */
  readonly edit?: (chunks: readonly Buffer[]) => readonly Buffer[];
}

/** A PUT in the framing aws-chunked, its chunks signed unless the payload says otherwise. */
export function chunked(place: Place, wanted: ChunkedWanted): Buffer {
  const pieces = wanted.pieces.map((piece) => Buffer.from(piece));
  const decoded = wanted.decodedLength === undefined ? String(Buffer.concat(pieces).length) : wanted.decodedLength;
  const headersFor = (contentLength: number): Headers => ({
    host: place.endpoint.host,
    'content-length': String(contentLength),
    'content-encoding': 'aws-chunked',
    ...(decoded === null ? {} : { 'x-amz-decoded-content-length': decoded }),
    ...wanted.headers,
  });
  const request = (contentLength: number) => ({
    method: 'PUT',
    path: `/${place.bucket}/new`,
    query: '',
    headers: headersFor(contentLength),
  });
  const body = (signed: SignedHead) => {
    const isSigned = wanted.payload !== streamingUnsignedTrailer;
    const { trailers, edit = (chunks) => chunks } = wanted;
    const chunks = awsChunks(pieces, {
      ...(isSigned ? { signed } : {}),
      ...(trailers === undefined ? {} : { trailers }),
    });
    return Buffer.concat(edit(chunks));
  };
  // The length is signed and the signatures have a length: sign once to know it, and again to say it.
  const options = { credentials: place.credentials, date: new Date() };
  const { length } = body(signRequest(request(0), wanted.payload, options));
  const signed = signRequest(request(length), wanted.payload, options);
  return onTheWire({ ...request(length), headers: signed.headers }, body(signed));
}
