import { md5 } from '../content.ts';
import { type BadRequest, type Place, signed } from './bad-request.ts';

const billionLaughs = `<?xml version="1.0"?><!DOCTYPE Delete [<!ENTITY a "ha">${Array.from(
  { length: 9 },
  (_, n) => `<!ENTITY ${letter(n + 1)} "${`&${letter(n)};`.repeat(10)}">`,
).join('')}]><Delete><Object><Key>&j;</Key></Object></Delete>`;
const externalEntity =
  '<?xml version="1.0"?><!DOCTYPE Delete [<!ENTITY x SYSTEM "file:///etc/passwd">]><Delete><Object><Key>&x;</Key></Object></Delete>';

/** Documents that are not what the operation takes, or that mean harm. */
export const badXml: readonly BadRequest[] = [
  deletion('a document that is no XML', 'delete everything'),
  deletion('an element that never ends', '<Delete><Object><Key>existing</Key></Object>'),
  deletion('another root', '<Remove><Object><Key>existing</Key></Object></Remove>'),
  deletion('an entity that grows to a gigabyte', billionLaughs),
  deletion('an entity that names a file of the server', externalEntity),
  deletion('an entity that is not declared', '<Delete><Object><Key>&unknown;</Key></Object></Delete>'),
  deletion('a document type', '<!DOCTYPE Delete><Delete><Object><Key>existing</Key></Object></Delete>'),
  deletion('elements 20,000 deep', `<Delete>${'<Object>'.repeat(20_000)}${'</Object>'.repeat(20_000)}</Delete>`),
  deletion(
    'bytes that are no UTF-8',
    Buffer.concat([
      Buffer.from('<Delete><Object><Key>'),
      Buffer.from([0xff, 0xfe]),
      Buffer.from('</Key></Object></Delete>'),
    ]),
  ),
  deletion('an object without a key', '<Delete><Object><VersionId>null</VersionId></Object></Delete>'),
  deletion('no object', '<Delete></Delete>'),
  deletion('1,001 objects', `<Delete>${'<Object><Key>existing</Key></Object>'.repeat(1_001)}</Delete>`),
  { ...deletion('no document', ''), code: ['MalformedXML', 'MissingRequestBodyError'] },
  {
    ...deletion('a document of 8 MB', `<Delete>${' '.repeat(8_000_000)}</Delete>`),
    code: ['MalformedXML', 'MaxMessageLengthExceeded', 'EntityTooLarge'],
  },
  completion('a list of parts that is no XML', 'all of them'),
  completion('a list of no part', '<CompleteMultipartUpload></CompleteMultipartUpload>'),
  completion(
    'a part without a number',
    '<CompleteMultipartUpload><Part><ETag>"x"</ETag></Part></CompleteMultipartUpload>',
  ),
  completion(
    'a part without an ETag',
    '<CompleteMultipartUpload><Part><PartNumber>1</PartNumber></Part></CompleteMultipartUpload>',
  ),
  {
    ...completion(
      'a part whose number is none',
      '<CompleteMultipartUpload><Part><PartNumber>one</PartNumber><ETag>"x"</ETag></Part></CompleteMultipartUpload>',
    ),
    code: ['MalformedXML', 'InvalidArgument', 'InvalidPart'],
  },
  versioning(
    'a state of versioning that there is not',
    '<VersioningConfiguration><Status>On</Status></VersioningConfiguration>',
  ),
  versioning('another document than one of versioning', '<Tagging/>'),
  {
    what: 'a new bucket with a document that is none',
    status: 400,
    code: 'MalformedXML',
    bytes: (place) => signed(place, { path: '/B-two', body: '<CreateBucketConfiguration>' }),
  },
];

function deletion(what: string, document: string | Buffer): BadRequest {
  const body = Buffer.from(document);
  const headers = { 'content-md5': md5(body).toString('base64') };
  return refused(what, (place) => signed(place, { method: 'POST', path: '/B', query: 'delete=', headers, body }));
}

function completion(what: string, body: string): BadRequest {
  return refused(what, (place) =>
    signed(place, { method: 'POST', path: '/B/upload', query: `uploadId=${place.uploadId}`, body }),
  );
}

function versioning(what: string, body: string): BadRequest {
  return refused(what, (place) => signed(place, { path: '/B', query: 'versioning=', body }));
}

function refused(what: string, bytes: (place: Place) => Buffer): BadRequest {
  return { what, status: 400, code: 'MalformedXML', bytes };
}

function letter(n: number): string {
  return String.fromCharCode('a'.charCodeAt(0) + n);
}
