import type { S3Error } from '../errors.ts';
import type { RequestTime } from './request-time.ts';

/** Who signed, and what the derived key is good for. */
export interface Credential {
  readonly accessKey: string;
  /** yyyyMMdd */
  readonly date: string;
  readonly region: string;
}

/** Makes the error that a client meets: header and query have each its own code and opening. */
export type Refuse = (reason: string, details?: Readonly<Record<string, string>>) => S3Error;

/** Reads `<access key>/<date>/<region>/s3/aws4_request`. Throws what `refuse` makes. */
export function parseCredential(text: string, refuse: Refuse): Credential {
  const parts = text.split('/');
  // Access keys of other stores have slashes, so the scope is taken from the end.
  const [date = '', region = '', service = '', terminal = ''] = parts.slice(-4);
  const accessKey = parts.slice(0, -4).join('/');
  if (accessKey === '') {
    throw refuse('the Credential is mal-formed; expecting "<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request".');
  }
  if (terminal !== 'aws4_request') {
    throw refuse(`incorrect terminal "${terminal}". This endpoint uses "aws4_request".`);
  }
  if (service !== 's3') throw refuse(`incorrect service "${service}". This endpoint belongs to "s3".`);
  if (!/^\d{8}$/.test(date)) {
    throw refuse(`incorrect date format "${date}". This date in the credential must be in the format "yyyyMMdd".`);
  }
  return { accessKey, date, region };
}

/** Throws what `refuse` makes unless the credential is for this region and for the day of the request. */
export function checkScope(credential: Credential, time: RequestTime, region: string, refuse: Refuse): void {
  if (credential.region !== region) {
    // SDKs read the element Region, or of an answer to HEAD, which has no document, the header, and sign anew.
    const refusal = refuse(`the region '${credential.region}' is wrong; expecting '${region}'`, { Region: region });
    throw refusal.withHeaders({ 'x-amz-bucket-region': region });
  }
  const day = time.timestamp.slice(0, 8);
  if (credential.date !== day) {
    throw refuse(`Invalid credential date "${credential.date}". This date is not the same as X-Amz-Date: "${day}".`);
  }
}

/** What is signed beside the request, and what the key was derived from. */
export function scopeOf({ date, region }: Credential): string {
  return `${date}/${region}/s3/aws4_request`;
}
