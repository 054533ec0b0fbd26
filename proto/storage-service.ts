import type { BinaryReader, BinaryWriter } from '@bufbuild/protobuf/wire';
import * as messages from './gen/storage.ts';

/**
 * The methods of `storage.StorageService` as grpc-js takes them, for servers and clients alike.
 *
 * A message of PutChunk (request) and GetChunk (response) may also be handed over as a Buffer that is
 * already encoded: see data-frame.ts, which writes the few bytes of protobuf around a block in place, so
 * that the block is not copied. Decoding never copies: `data` is a view into the message that arrived.
 */
export const storageService = {
  putChunk: method('PutChunk', messages.PutChunkRequest, messages.PutChunkResponse, { requestStream: true }),
  getChunk: method('GetChunk', messages.GetChunkRequest, messages.GetChunkResponse, { responseStream: true }),
  deleteChunk: method('DeleteChunk', messages.DeleteChunkRequest, messages.DeleteChunkResponse),
  healthCheck: method('HealthCheck', messages.HealthCheckRequest, messages.HealthCheckResponse),
  listChunks: method('ListChunks', messages.ListChunksRequest, messages.ListChunksResponse, { responseStream: true }),
  verifyChunk: method('VerifyChunk', messages.VerifyChunkRequest, messages.VerifyChunkResponse),
} as const;

/** A method as both sides see it: each may send a Buffer that is already encoded, and receives a message. */
export interface StorageMethod<Request, Response> {
  readonly path: string;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
  readonly requestSerialize: (message: Request | Buffer) => Buffer;
  readonly requestDeserialize: (bytes: Buffer) => Request;
  readonly responseSerialize: (message: Response | Buffer) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => Response;
}

interface Codec<T> {
  encode(message: T, writer?: BinaryWriter): BinaryWriter;
  decode(input: BinaryReader | Uint8Array, length?: number): T;
}

function method<Request, Response>(
  name: string,
  request: Codec<Request>,
  response: Codec<Response>,
  { requestStream = false, responseStream = false } = {},
): StorageMethod<Request, Response> {
  return {
    path: `/storage.StorageService/${name}`,
    requestStream,
    responseStream,
    requestSerialize: (message) => encode(request, message),
    requestDeserialize: (bytes) => request.decode(bytes),
    responseSerialize: (message) => encode(response, message),
    responseDeserialize: (bytes) => response.decode(bytes),
  };
}

function encode<T>(codec: Codec<T>, message: T | Buffer): Buffer {
  if (Buffer.isBuffer(message)) return message;
  const bytes = codec.encode(message).finish();
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
