import { S3Error } from './errors.ts';

/** What a request is about: nothing, a bucket, or a key in it. Empty where there is none. */
export interface Target {
  readonly bucketName: string;
  readonly key: string;
}

const KEY_BYTES_MAX = 1_024;

/**
 * Path style, https://host/bucket/key; or virtual-hosted style, https://bucket.domain/key, when the host is below
 * `domain`. Slashes and dots are characters of the key like any others. Throws InvalidURI when the path is no
 * percent-encoded UTF-8, KeyTooLongError and InvalidBucketName.
 */
export function parseTarget(rawPath: string, host: string | undefined, domain: string | undefined): Target {
  if (!rawPath.startsWith('/')) throw new S3Error('InvalidURI', undefined, { URI: rawPath });
  const path = percentDecode(rawPath).slice(1);
  const hosted = bucketOfHost(host, domain);
  if (hosted !== undefined) return check({ bucketName: hosted, key: path });
  const slash = path.indexOf('/');
  if (slash < 0) return check({ bucketName: path, key: '' });
  return check({ bucketName: path.slice(0, slash), key: path.slice(slash + 1) });
}

/** The path and the query of a request line, as sent. A client may send the whole URL (RFC 9112 section 3.2.2). */
export function splitUrl(url: string): { readonly rawPath: string; readonly rawQuery: string } {
  const relative = url.replace(/^https?:\/\/[^/?]*/i, '');
  const at = relative.indexOf('?');
  if (at < 0) return { rawPath: relative || '/', rawQuery: '' };
  return { rawPath: relative.slice(0, at) || '/', rawQuery: relative.slice(at + 1) };
}

/** Throws InvalidURI. Node reads each byte of a request line as one character; clients may send UTF-8 as it is. */
export function percentDecode(text: string): string {
  if (!/[%\u0080-\u00ff]/.test(text)) return text;
  try {
    return decodeURIComponent(text.replace(/[\u0080-\u00ff]/g, (byte) => `%${byte.charCodeAt(0).toString(16)}`));
  } catch {
    throw new S3Error('InvalidURI', undefined, { URI: text });
  }
}

function bucketOfHost(host: string | undefined, domain: string | undefined): string | undefined {
  if (host === undefined || domain === undefined) return undefined;
  const name = host.toLowerCase().replace(/:\d+$/, '');
  const suffix = `.${domain.toLowerCase()}`;
  return name.endsWith(suffix) && name.length > suffix.length ? name.slice(0, -suffix.length) : undefined;
}

function check(target: Target): Target {
  const bytes = Buffer.byteLength(target.key);
  if (bytes > KEY_BYTES_MAX) {
    throw new S3Error('KeyTooLongError', undefined, { Size: String(bytes), MaxSizeAllowed: String(KEY_BYTES_MAX) });
  }
  // A key may have a NUL; everything else with one is text that the metadata cannot be asked for.
  if ((target.bucketName === '' && target.key !== '') || target.bucketName.includes('\0')) {
    throw new S3Error('InvalidBucketName', undefined, { BucketName: target.bucketName });
  }
  return target;
}
