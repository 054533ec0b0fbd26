import { S3Error } from './errors.ts';

/** A continuation token: where the next page begins. Opaque to clients, so that what is in it can change. */
export function sealToken(after: string): string {
  return Buffer.from(`1${after}`).toString('base64url');
}

/** Throws InvalidArgument for what is no token of ours. */
export function openToken(token: string): string {
  const text = Buffer.from(token, 'base64url').toString();
  if (!text.startsWith('1') || sealToken(text.slice(1)) !== token) throw wrongToken(token);
  return text.slice(1);
}

export function wrongToken(token: string | undefined): S3Error {
  return new S3Error('InvalidArgument', 'The continuation token provided is incorrect', {
    ArgumentName: 'continuation-token',
    ArgumentValue: token ?? '',
  });
}
