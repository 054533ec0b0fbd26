import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '../../common/log.ts';
import type { AccessKey } from '../objects/account-ports.ts';
import { StoreError } from '../objects/errors.ts';
import type { Room } from '../objects/room.ts';
import { clientSignal } from '../wire/client-signal.ts';
import { cutOff } from '../wire/cut-off.ts';
import { lingerAfterAnswer } from '../wire/request-body.ts';
import { S3Error } from './errors.ts';
import type { KnownKeys } from './known-keys.ts';
import type { S3Call, S3Deps } from './operation.ts';
import { operations } from './operations.ts';
import { type ExpectedDigests, expectedDigests } from './payload/expected-digests.ts';
import { RequestS3Body } from './payload/request-s3-body.ts';
import { withPresignedHeaders } from './presigned-headers.ts';
import { parseQuery } from './query.ts';
import { asS3Error, errorDocument, type RequestIds } from './render-error.ts';
import { readHeaders } from './request-headers.ts';
import { type RespondDeps, respond } from './respond.ts';
import { type OperationName, route } from './route.ts';
import { authenticate } from './sigv4/authenticate.ts';
import type { PayloadPlan } from './sigv4/payload.ts';
import { parseTarget, splitUrl, type Target } from './target.ts';
import { refuseUnsupportedHeaders } from './unsupported-headers.ts';

export interface HandleDeps extends S3Deps {
  readonly keys: KnownKeys;
  /** In bytes, for all documents that are being sent. */
  readonly documents: Room;
  readonly log: Logger;
  readonly idleTimeoutMs: number;
  /** For virtual-hosted style. */
  readonly domain: string | undefined;
}

/** What became of a request, for metrics and the log. */
export interface Handled {
  readonly operation: OperationName | 'unknown';
}

/** A request on its way, as far as it has been understood. */
interface Progress {
  target?: Target;
  operation?: OperationName;
}

/** Answers one request. Never throws. */
export async function handleRequest(
  deps: HandleDeps,
  ids: RequestIds,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<Handled> {
  const { clock, idleTimeoutMs } = deps;
  const signal = clientSignal(response);
  const progress: Progress = {};
  const respondDeps: RespondDeps = { clock, idleTimeoutMs, signal };
  try {
    const answer = await carryOut(deps, ids, request, response, signal, progress);
    await respond(response, answer, respondDeps);
  } catch (error) {
    await refuse(error);
  }
  return { operation: progress.operation ?? 'unknown' };

  async function refuse(error: unknown): Promise<void> {
    const s3Error = asS3Error(error);
    const { code, status } = s3Error;
    const about = { err: error, code, operation: progress.operation, request_id: ids.requestId };
    const isClientGone = error instanceof StoreError && error.code === 'ClientGone';
    if (status >= 500 && s3Error.code !== 'NotImplemented') deps.log.error(about, 'S3 request failed');
    else deps.log.debug(about, 'S3 request refused');
    if (response.headersSent || isClientGone) return cutOff(response);
    lingerAfterAnswer(request, response, clock);
    const isHead = request.method === 'HEAD';
    const body = isHead || status === 304 ? {} : { body: { xml: errorDocument(s3Error, progress.target, ids) } };
    await respond(response, { status, headers: s3Error.headers, ...body }, respondDeps).catch((cause: unknown) => {
      deps.log.debug({ ...about, err: cause }, 'S3 refusal not sent');
    });
  }
}

/**
 * In this order: what the request line and the headers say, who asks, and what all operations refuse alike. The body is
 * not touched, and a client that waits for `100 Continue` waits, until the operation reads it.
 */
async function carryOut(
  deps: HandleDeps,
  { requestId }: RequestIds,
  request: IncomingMessage,
  response: ServerResponse,
  signal: AbortSignal,
  progress: Progress,
) {
  const { method = '', rawHeaders } = request;
  const { rawPath, rawQuery } = splitUrl(request.url ?? '');
  const target = parseTarget(rawPath, request.headers.host, deps.domain);
  progress.target = target;
  const query = parseQuery(rawQuery);
  const headers = withPresignedHeaders(readHeaders(rawHeaders), query);
  const operation = route({ method, target, query, headers });
  progress.operation = operation;
  const { clock, region, keys } = deps;
  const { key, payload } = await authenticate<AccessKey>(
    { clock, region, findKey: (accessKey) => keys.find(accessKey) },
    { method, rawPath, rawQuery, rawHeaders },
  );
  if (key === undefined) throw new S3Error('AccessDenied');
  refuseUnsupportedHeaders(headers);
  checkExpectedOwner(headers, key);
  const body = bodyOf(deps, request, response, signal, payload, digestsOf(operation, headers));
  const { account } = key;
  const { bucketName, key: objectKey } = target;
  const call: S3Call = { requestId, account, bucketName, key: objectKey, query, headers, body, signal };
  return operations[operation](deps, call);
}

/** Only owners get anywhere, so the owner of a bucket, or of that of a copy's source, is who asks, or the bucket refuses by itself. */
function checkExpectedOwner(headers: ReadonlyMap<string, string>, { account }: AccessKey): void {
  for (const name of ['x-amz-expected-bucket-owner', 'x-amz-source-expected-bucket-owner']) {
    const expected = headers.get(name);
    if (expected !== undefined && expected !== account.accountId) throw new S3Error('AccessDenied');
  }
}

/** The checksum headers of a completion are about the object and not about the document that it sends. */
function digestsOf(operation: OperationName, headers: ReadonlyMap<string, string>): ExpectedDigests {
  if (operation !== 'CompleteMultipartUpload') return expectedDigests(headers);
  return expectedDigests(new Map([...headers].filter(([name]) => name === 'content-md5')));
}

function bodyOf(
  { clock, idleTimeoutMs, documents }: HandleDeps,
  request: IncomingMessage,
  response: ServerResponse,
  signal: AbortSignal,
  plan: PayloadPlan,
  expected: ExpectedDigests,
): RequestS3Body {
  return new RequestS3Body({ request, response, clock, idleTimeoutMs, plan, expected, documents, signal });
}
