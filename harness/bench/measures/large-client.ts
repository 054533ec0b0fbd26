import { createReadStream } from 'node:fs';
import { RestClient } from '../../kit/clients/rest-client.ts';
import type { UploadedFile } from '../../kit/clients/rest-types.ts';
import { hasCurl, runCurl } from './curl.ts';

/** Moves one large file as a user would. Throws when the store refuses it, or when bytes are missing. */
export interface LargeClient {
  readonly name: string;
  put(rest: URL, path: string, sizeBytes: number): Promise<UploadedFile>;
  get(rest: URL, fileId: string, sizeBytes: number): Promise<void>;
}

/** curl, and where there is none the kit's own client. */
export async function chooseLargeClient(): Promise<LargeClient> {
  return (await hasCurl()) ? curl : own;
}

const curl: LargeClient = {
  name: 'curl',
  async put(rest, path) {
    const answer = await runCurl(['--fail-with-body', '--form', `file=@${path}`, new URL('/files', rest).href]);
    return JSON.parse(answer);
  },
  async get(rest, fileId, sizeBytes) {
    const url = new URL(`/files/${fileId}`, rest).href;
    const got = await runCurl(['--fail', '--output', '/dev/null', '--write-out', '%{size_download}', url]);
    if (Number(got) !== sizeBytes) throw new Error(`curl received ${got} of ${sizeBytes} bytes`);
  },
};

const own: LargeClient = {
  name: 'Node client',
  async put(rest, path, sizeBytes) {
    using client = new RestClient(rest);
    const data = createReadStream(path, { highWaterMark: 2 ** 20 });
    const { status, body, text } = await client.upload({ filename: 'large.bin', data, sizeBytes });
    if (status !== 201) throw new Error(`the upload was answered by ${status}: ${text}`);
    return body;
  },
  async get(rest, fileId, sizeBytes) {
    using client = new RestClient(rest);
    const { stream } = await client.download(fileId);
    let bytes = 0;
    for await (const piece of stream as AsyncIterable<Buffer>) bytes += piece.length;
    if (bytes !== sizeBytes) throw new Error(`${bytes} of ${sizeBytes} bytes came`);
  },
};
