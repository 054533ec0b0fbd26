import { EventEmitter } from 'node:events';
import { status } from '@grpc/grpc-js';
import type { Call } from './call.ts';
import { GrpcError } from './grpc-error.ts';
import type { Handler } from './grpc-server.ts';
import { WholeMessages } from './whole-messages.ts';

/** The part of grpc-js's Server that libraries which bring a service of their own make use of. */
export interface LibraryServer {
  addService(definition: object, implementation: object): void;
}

interface LibraryMethod {
  readonly path: string;
  readonly requestStream: boolean;
  readonly responseStream: boolean;
  readonly originalName?: string;
  readonly requestDeserialize: (bytes: Buffer) => unknown;
  readonly responseSerialize: (message: never) => Buffer;
}

type LibraryHandler = (
  call: EventEmitter,
  respond: (error: Partial<GrpcError> | null, value?: unknown) => void,
) => void;

/** Takes the services of such libraries over into `handlers`. */
export function libraryServer(handlers: Map<string, Handler>): LibraryServer {
  return {
    addService: (definition, implementation) => {
      for (const [name, method] of Object.entries(definition) as [string, LibraryMethod][]) {
        const named = implementation as Record<string, LibraryHandler | undefined>;
        const handler = named[name] ?? named[method.originalName ?? ''];
        if (handler) handlers.set(method.path, (call) => serve(call, method, handler));
      }
    },
  };
}

async function serve(call: Call, method: LibraryMethod, handler: LibraryHandler): Promise<void> {
  const decode = (message: Buffer) => method.requestDeserialize(message);
  if (method.requestStream) {
    const library = new LibraryCall(call, method, undefined);
    handler(library, () => {});
    const take = (message: Buffer): undefined => {
      library.emit('data', decode(message));
    };
    await call.receive(new WholeMessages(take));
    library.emit('end');
    return await library.ended;
  }
  const library = new LibraryCall(call, method, decode(await call.request()));
  if (method.responseStream) {
    handler(library, () => {});
    return await library.ended;
  }
  const value = await new Promise((resolve, reject) => {
    handler(library, (error, answer) => (error ? reject(asGrpcError(error)) : resolve(answer)));
  });
  await call.sendMessage(method.responseSerialize(value as never));
}

/** A call as grpc-js shows it to a library's handler. */
class LibraryCall extends EventEmitter {
  readonly request: unknown;
  readonly #call: Call;
  readonly #method: LibraryMethod;
  readonly #ended = Promise.withResolvers<void>();
  #sent: Promise<void> = Promise.resolve();

  constructor(call: Call, method: LibraryMethod, request: unknown) {
    super();
    this.#call = call;
    this.#method = method;
    this.request = request;
    call.signal.addEventListener('abort', () => {
      this.emit('cancelled');
      this.#ended.reject(call.signal.reason);
    });
    this.on('error', (error: Partial<GrpcError>) => this.#ended.reject(asGrpcError(error)));
    this.#ended.promise.catch(() => {});
  }

  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  write(message: unknown): boolean {
    const send = () => this.#call.sendMessage(this.#method.responseSerialize(message as never));
    this.#sent = this.#sent.then(send);
    this.#sent.catch(() => {});
    return true;
  }

  end(): void {
    this.#sent.then(this.#ended.resolve, this.#ended.reject);
  }
}

function asGrpcError(error: Partial<GrpcError> & { details?: string }): GrpcError {
  return new GrpcError(error.code ?? status.UNKNOWN, error.details ?? error.message ?? '');
}
