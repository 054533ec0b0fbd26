import { type BadRequest, type Headers, signed } from './bad-request.ts';

/** Pieces of objects that are not there. */
export const badRanges: readonly BadRequest[] = [
  get('a range behind the end', 416, 'InvalidRange', { range: 'bytes=1000-' }),
  get('a range far behind the end', 416, 'InvalidRange', { range: 'bytes=99999999999999999999-' }),
  get('the last no bytes', 416, 'InvalidRange', { range: 'bytes=-0' }),
  get('the second part of an object of one', 416, 'InvalidPartNumber', {}, 'partNumber=2'),
  get('a part without a number', 400, 'InvalidArgument', {}, 'partNumber=second'),
  get('the part 0', 400, 'InvalidArgument', {}, 'partNumber=0'),
  get('a range of a part', 400, 'InvalidRequest', { range: 'bytes=0-1' }, 'partNumber=1'),
  ...['bytes=0-1000', 'bytes=5-4', 'bytes=5-', 'bytes=-5', '0-5', 'bytes=0-1,2-3'].map((range): BadRequest => {
    return {
      what: `the range ${range} of a source`,
      status: 400,
      code: ['InvalidArgument', 'InvalidRange'],
      bytes: (place) => {
        const source = `/${place.bucket}/${place.existing}`;
        const headers = { 'x-amz-copy-source': source, 'x-amz-copy-source-range': range };
        const query = `partNumber=2&uploadId=${place.uploadId}`;
        return signed(place, { path: '/B/upload', query, headers, body: '' });
      },
    };
  }),
];

function get(what: string, status: number, code: string, headers: Headers, query = ''): BadRequest {
  return {
    what,
    status,
    code,
    bytes: (place) => signed(place, { method: 'GET', path: '/B/existing', headers, query }),
  };
}
