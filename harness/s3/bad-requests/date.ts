import { type BadRequest, signed } from './bad-request.ts';
import { presigned } from './presigned.ts';

const minuteMs = 60_000;

/** Signatures of another time than now: what was overheard yesterday must not be good today. */
export const badDates: readonly BadRequest[] = [
  refused('a request that is 20 minutes old', 403, 'RequestTimeTooSkewed', (place) =>
    signed(place, { signing: { date: minutesFromNow(-20) } }),
  ),
  refused('a request of the next hour', 403, 'RequestTimeTooSkewed', (place) =>
    signed(place, { signing: { date: minutesFromNow(60) } }),
  ),
  refused('a request of last year', 403, 'RequestTimeTooSkewed', (place) =>
    signed(place, { signing: { date: minutesFromNow(-525_600) } }),
  ),
  refused('no date', 403, 'AccessDenied', (place) =>
    signed(place, {}, (headers) => ({
      ...headers,
      'x-amz-date': undefined,
      authorization: headers['authorization']?.replace(';x-amz-date', ''),
    })),
  ),
  refused('a date that is none', 403, 'AccessDenied', (place) =>
    signed(place, {}, (headers) => ({ ...headers, 'x-amz-date': 'yesterday' })),
  ),
  refused('a date that does not exist', 403, 'AccessDenied', (place) =>
    signed(place, {}, (headers) => ({ ...headers, 'x-amz-date': '20250230T000000Z' })),
  ),
  refused('a scope of another day', 400, 'AuthorizationHeaderMalformed', (place) =>
    signed(place, {}, (headers) => ({
      ...headers,
      authorization: headers['authorization']?.replace(/\/\d{8}\//, '/20200101/'),
    })),
  ),
  refused('a presigned URL that has expired', 403, 'AccessDenied', (place) =>
    presigned(place, { date: minutesFromNow(-2), expiresSeconds: 60 }),
  ),
  refused('a presigned URL of the next hour', 403, 'AccessDenied', (place) =>
    presigned(place, { date: minutesFromNow(60) }),
  ),
  refused('a presigned URL whose date is none', 400, 'AuthorizationQueryParametersError', (place) =>
    presigned(place, {}, (query) => query.replace(/X-Amz-Date=\w+/, 'X-Amz-Date=now')),
  ),
];

function refused(what: string, status: number, code: string, bytes: BadRequest['bytes']): BadRequest {
  return { what, status, code, bytes };
}

function minutesFromNow(minutes: number): Date {
  return new Date(Date.now() + minutes * minuteMs);
}
