import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { credentials, loadPackageDefinition, type ServiceClientConstructor, type ServiceError } from '@grpc/grpc-js';
import { loadSync, type PackageDefinition } from '@grpc/proto-loader';

type Fields = Readonly<Record<string, unknown>>;

/** Of grpc-js's untyped client, what is used here. */
type AnyCall = NodeJS.ReadWriteStream & AsyncIterable<Fields>;
type AnyMethod = (...given: unknown[]) => AnyCall;

const deadlineMs = 60_000;

/**
 * A gRPC client made at run time from the text of a .proto, with the library's own limits: as a program would be
 * that shares no code with this one. Fields have the names that the .proto gives them; what is unset in an answer has
 * its default, and 64-bit numbers are strings. A failed call throws grpc-js's ServiceError.
 */
export class ProtoClient implements Disposable {
  readonly #client: InstanceType<ServiceClientConstructor>;

  /** `service` with its package, such as `storage.StorageService`; `limits` are grpc-js's channel options. */
  constructor(protoText: string, service: string, address: string, limits: Record<string, number> = {}) {
    const path = service.split('.');
    const found = path.reduce<unknown>(
      (level, name) => (level as Fields)[name],
      loadPackageDefinition(parse(protoText)),
    );
    this.#client = new (found as ServiceClientConstructor)(address, credentials.createInsecure(), {
      'grpc.use_local_subchannel_pool': 1,
      ...limits,
    });
  }

  unary(method: string, request: Fields): Promise<Fields> {
    return new Promise((resolve, reject) => {
      this.#method(method)(request, options(), answerTo(resolve, reject));
    });
  }

  /** A stream of requests with one answer. */
  sendAll(method: string, requests: Iterable<Fields>): Promise<Fields> {
    return new Promise((resolve, reject) => {
      const call = this.#method(method)(options(), answerTo(resolve, reject));
      writeEach(call, requests).catch(reject);
    });
  }

  /** One request with a stream of answers. */
  receive(method: string, request: Fields): AsyncIterable<Fields> {
    return this.#method(method)(request, options());
  }

  /** Streams both ways: all requests, then all answers. */
  exchange(method: string, requests: Iterable<Fields>): AsyncIterable<Fields> {
    const call = this.#method(method)(options());
    for (const request of requests) call.write(request as never);
    call.end();
    return call;
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }

  #method(name: string): AnyMethod {
    return (this.#client[name] as AnyMethod).bind(this.#client);
  }
}

function options() {
  return { deadline: Date.now() + deadlineMs };
}

function answerTo(resolve: (answer: Fields) => void, reject: (error: Error) => void) {
  return (error: ServiceError | null, answer?: Fields) => {
    if (error || answer === undefined) reject(error ?? new Error('the answer holds no message'));
    else resolve(answer);
  };
}

async function writeEach(call: AnyCall, requests: Iterable<Fields>): Promise<void> {
  for (const request of requests) if (!call.write(request as never)) await once(call, 'drain');
  call.end();
}

/** The loader reads files only. */
function parse(protoText: string): PackageDefinition {
  const dir = mkdtempSync(join(tmpdir(), 'proto-'));
  try {
    writeFileSync(join(dir, 'given.proto'), protoText);
    return loadSync(join(dir, 'given.proto'), { keepCase: true, longs: String, enums: String, defaults: true });
  } finally {
    rmSync(dir, { recursive: true });
  }
}
