import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FormReader, formBoundary } from './form-reader.ts';

interface ReadPart {
  name: string;
  filename: string | undefined;
  contentType: string | undefined;
  data: string;
}

async function readForm(body: Buffer, boundary: string, cuts: readonly number[] = []): Promise<ReadPart[]> {
  const form = new FormReader(inPieces(body, cuts), boundary);
  const parts: ReadPart[] = [];
  for (let part = await form.nextPart(); part !== undefined; part = await form.nextPart()) {
    const pieces: Buffer[] = [];
    for await (const piece of part.body) pieces.push(Buffer.from(piece));
    const { name, filename, contentType } = part;
    parts.push({ name, filename, contentType, data: Buffer.concat(pieces).toString('latin1') });
  }
  return parts;
}

async function* inPieces(body: Buffer, cuts: readonly number[]): AsyncGenerator<Buffer> {
  const ends = [...new Set([...cuts.map((cut) => cut % (body.length + 1)), body.length])].sort((a, b) => a - b);
  let at = 0;
  for (const end of ends) {
    // A copy, as each piece from a socket has its own memory.
    yield Buffer.from(body.subarray(at, end));
    at = end;
  }
}

function makeForm(parts: { name: string; filename?: string; data: string }[], boundary: string): Buffer {
  const text = parts.map(({ name, filename, data }) => {
    const file = filename === undefined ? '' : `; filename="${filename}"`;
    return `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${file}\r\n\r\n${data}\r\n`;
  });
  return Buffer.from(`${text.join('')}--${boundary}--\r\n`, 'latin1');
}

test('a form comes back part by part, however its bytes are cut into pieces', async () => {
  // Data made of the very characters of the delimiter, so that near misses are common.
  const data = fc.string({ unit: fc.constantFrom('\r', '\n', '-', 'b', 'x', '\r\n--b', '\r\n--bx'), maxLength: 30 });
  await fc.assert(
    fc.asyncProperty(fc.array(data, { maxLength: 4 }), fc.array(fc.nat(), { maxLength: 8 }), async (contents, cuts) => {
      const boundary = 'bxy';
      fc.pre(contents.every((content) => !`\r\n${content}\r\n`.includes(`\r\n--${boundary}`)));
      const parts = contents.map((content, index) => ({ name: `f${index}`, data: content }));
      const expected = parts.map((part) => ({ ...part, filename: undefined, contentType: undefined }));
      assert.deepEqual(await readForm(makeForm(parts, boundary), boundary, cuts), expected);
    }),
    { numRuns: 500 },
  );
});

test('the position behind the headers of a part is where its body begins', async () => {
  const body = makeForm(
    [
      { name: 'a', data: 'one' },
      { name: 'file', filename: 'x', data: 'the file' },
    ],
    'q',
  );
  for (let cut = 1; cut < body.length; cut++) {
    const form = new FormReader(inPieces(body, [cut]), 'q');
    const first = await form.nextPart();
    for await (const _ of first?.body ?? []);
    await form.nextPart();
    assert.equal(form.position, body.indexOf('the file'), `cut at ${cut}`);
  }
});

test('names in any script, in all the ways in which clients write them, are understood', async () => {
  const written = { '文件.txt': '文件.txt', 'a;b': 'a;b', '%22quoted%22': '"quoted"', '\\"quoted\\"': '"quoted"' };
  for (const [filename, expected] of Object.entries(written)) {
    const body = Buffer.from(
      `--q\r\nContent-Disposition: form-data; name="file"; filename="${filename}"\r\n\r\nx\r\n--q--`,
    );
    assert.equal((await readForm(body, 'q'))[0]?.filename, expected);
  }
  const extended = Buffer.from(
    "--q\r\ncontent-disposition: form-data; name=file; filename*=UTF-8''na%C3%AFve\r\n\r\nx\r\n--q--",
  );
  assert.equal((await readForm(extended, 'q'))[0]?.filename, 'naïve');
});

const malformed: Record<string, string> = {
  'an empty body': '',
  'a body without its boundary': 'hello, this is no form at all',
  'a form that ends within a part': '--q\r\nContent-Disposition: form-data; name="a"\r\n\r\nhalf',
  'a form that ends within headers': '--q\r\nContent-Disposition: form-da',
  'a form without its closing delimiter': '--q\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n--q\r\n',
  'a part without a disposition': '--q\r\nContent-Type: text/plain\r\n\r\nx\r\n--q--',
  'a part without a name': '--q\r\nContent-Disposition: form-data\r\n\r\nx\r\n--q--',
  'a header without a colon': '--q\r\nnonsense\r\n\r\nx\r\n--q--',
  'a boundary followed by other text': '--qx\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n--q--',
  'a preamble that does not end': 'x'.repeat(10_000),
  'headers that do not end': `--q\r\nX: ${'x'.repeat(20_000)}`,
  'an epilogue that does not end': `--q--${'x'.repeat(70_000)}`,
  'a quoted name that does not end': `--q\r\nContent-Disposition: form-data; name="${'\\'.repeat(15_000)}\r\n\r\nx\r\n--q--`,
  'a broken filename*': "--q\r\nContent-Disposition: form-data; name=file; filename*=UTF-8''%ff\r\n\r\nx\r\n--q--",
};

for (const [what, body] of Object.entries(malformed)) {
  test(`${what} is refused as malformed`, async () => {
    await assert.rejects(readForm(Buffer.from(body), 'q', [7, 5_000, 18_000]), { code: 'InvalidRequest' });
  });
}

test('the boundary is found among the parameters of a Content-Type, or the type is refused', () => {
  assert.equal(formBoundary('multipart/form-data; boundary=abc'), 'abc');
  assert.equal(formBoundary('Multipart/Form-Data; charset=utf-8; boundary="a b:c"'), 'a b:c');
  assert.equal(formBoundary('multipart/form-data;boundary=----WebKitFormBoundaryX'), '----WebKitFormBoundaryX');
  assert.equal(formBoundary('multipart/form-data'), undefined);
  assert.equal(formBoundary('multipart/form-data; boundary='), undefined);
  assert.equal(formBoundary('multipart/form-data; boundary="ends in a blank "'), undefined);
  assert.equal(formBoundary(`multipart/form-data; boundary=${'x'.repeat(71)}`), undefined);
  assert.equal(formBoundary('application/json; boundary=abc'), undefined);
});
