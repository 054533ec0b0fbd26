import { createReadStream } from 'node:fs';
import { S3HttpClient } from '../../kit/clients/s3/s3-http-client.ts';
import { signRequest, unsignedPayload } from '../../kit/clients/s3/sign-request.ts';
import { hasCurl, runCurl } from '../measures/curl.ts';
import type { S3Store } from './s3-store.ts';

/** Moves one large object with UNSIGNED-PAYLOAD. Throws when the store refuses it, or when bytes are missing. */
export interface LargeObjectClient {
  readonly name: string;
  put(store: S3Store, path: string, file: { readonly path: string; readonly sizeBytes: number }): Promise<void>;
  get(store: S3Store, path: string, sizeBytes: number): Promise<void>;
}

/** curl, and where there is none the kit's own client. `path` is the bucket and the key. */
export async function chooseLargeObjectClient(): Promise<LargeObjectClient> {
  return (await hasCurl()) ? curl : own;
}

const curl: LargeObjectClient = {
  name: 'curl',
  async put(store, path, file) {
    await runCurl(['--fail-with-body', '--upload-file', file.path, ...signed('PUT', store, path)]);
  },
  async get(store, path, sizeBytes) {
    const write = ['--output', '/dev/null', '--write-out', '%{size_download}'];
    const got = await runCurl(['--fail', ...write, ...signed('GET', store, path)]);
    if (Number(got) !== sizeBytes) throw new Error(`curl received ${got} of ${sizeBytes} bytes`);
  },
};

/** Signed by us, because curl signs as S3 wants it only since 7.87, and so that no secret shows in the list of processes. */
function signed(method: string, { s3, credentials }: S3Store, path: string): string[] {
  const request = { method, path: `/${path}`, headers: { host: s3.host } };
  const { headers } = signRequest(request, unsignedPayload, { credentials });
  const given = Object.entries(headers).flatMap(([name, value]) => ['--header', `${name}: ${value}`]);
  return [...given, new URL(`/${path}`, s3).href];
}

const own: LargeObjectClient = {
  name: 'Node client',
  async put({ s3, credentials }, path, { path: filePath, sizeBytes }) {
    using client = new S3HttpClient(s3, { credentials });
    const data = createReadStream(filePath, { highWaterMark: 2 ** 20 });
    const { status, body } = await client.send({ method: 'PUT', ...placeOf(path), body: { data, sizeBytes } });
    if (status !== 200) throw new Error(`the PUT was answered by ${status}: ${body}`);
  },
  async get({ s3, credentials }, path, sizeBytes) {
    using client = new S3HttpClient(s3, { credentials });
    let bytes = 0;
    for await (const piece of await client.open({ method: 'GET', ...placeOf(path) })) bytes += piece.length;
    if (bytes !== sizeBytes) throw new Error(`${bytes} of ${sizeBytes} bytes came`);
  },
};

function placeOf(path: string): { readonly bucket: string; readonly key: string } {
  const slash = path.indexOf('/');
  return { bucket: path.slice(0, slash), key: path.slice(slash + 1) };
}
