/**
 * Forms that clients really send by mistake, and forms that only an attacker sends. Each must be refused with a clear
 * error, and nothing of it may stay. A failure means riddles for users, or space that anybody can fill.
 */
import { assertNothingLeft } from '../kit/census/nothing-left.ts';
import { defaultBoundary, type FormPart, filePart, textPart } from '../kit/clients/multipart.ts';
import { expectedRange } from '../kit/seed/seeded-bytes.ts';
import { restOf } from '../kit/testing/fixtures.ts';
import { testCase } from '../kit/testing/test-case.ts';
import { postForm } from './post-form.ts';
import { assertRefused } from './refusal.ts';
import { KiB, MiB } from './sizes.ts';

testCase('E18', 'a form with the wrong parts is refused with a clear error and leaves nothing', {}, async (ctx) => {
  const rest = restOf(ctx);
  const filename = `odd-form-${ctx.seed.replace('/', '-')}`;
  const part = (sizeBytes: number, field = 'file', headers?: string[]): FormPart => {
    const made = filePart({ filename, field, sizeBytes, data: [expectedRange(ctx.seed, 0, sizeBytes)] });
    return headers === undefined ? made : { ...made, headers };
  };
  const disposition = `Content-Disposition: form-data; name="file"; filename="${filename}"`;
  const forms: [what: string, parts: FormPart[], code: string][] = [
    ['`file` as a plain field', [textPart('file', 'the bytes, as text')], 'InvalidRequest'],
    ['a file under another name', [part(10, 'upload')], 'InvalidRequest'],
    ['two files', [part(2 * MiB), part(2 * MiB)], 'InvalidRequest'],
    ['a file behind the file', [part(2 * MiB), part(10, 'thumbnail')], 'InvalidRequest'],
    ['an empty file', [part(0)], 'EmptyFile'],
    ['a long plain field', [textPart('note', 'x'.repeat(200 * KiB)), part(10)], 'InvalidRequest'],
    [
      'more parts than any form has',
      [...Array.from({ length: 150 }, () => textPart('n', '1')), part(1)],
      'InvalidRequest',
    ],
    ['a part without Content-Disposition', [part(10, 'file', ['Content-Type: text/plain'])], 'InvalidRequest'],
    [
      'a part without a name',
      [part(10, 'file', [`Content-Disposition: form-data; filename="${filename}"`])],
      'InvalidRequest',
    ],
    ['a part with a header line that is none', [part(10, 'file', [disposition, 'nonsense'])], 'InvalidRequest'],
    [
      'a part with very long headers',
      [part(10, 'file', [disposition, `X-Long: ${'x'.repeat(32 * KiB)}`])],
      'InvalidRequest',
    ],
    [
      'a content type that is none',
      [part(10, 'file', [disposition, 'Content-Type: not a media type'])],
      'InvalidRequest',
    ],
    [
      'a name in a charset that nobody knows',
      [part(10, 'file', [`${disposition}; filename*=KOI8-R''%C1`])],
      'InvalidRequest',
    ],
  ];
  for (const [what, parts, code] of forms) {
    await refuses(what, postForm(rest, parts), code);
  }
  await assertNothingLeft(ctx, [filename]);
});

testCase('E19', 'a broken boundary or a form that ends early is refused and leaves nothing', {}, async (ctx) => {
  const rest = restOf(ctx);
  const filename = `broken-form-${ctx.seed.replace('/', '-')}`;
  const boundary = defaultBoundary;
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${filename}"\r\n\r\n`;
  const content = expectedRange(ctx.seed, 0, 2 * MiB);
  const post = (contentType: string | undefined, ...pieces: (string | Buffer)[]) => {
    const body = Buffer.concat(pieces.map((piece) => Buffer.from(piece as string)));
    const headers = {
      'content-length': body.length,
      ...(contentType === undefined ? {} : { 'content-type': contentType }),
    };
    return rest.send({ method: 'POST', path: '/files', headers, body: [body] });
  };
  const multipart = `multipart/form-data; boundary=${boundary}`;
  const whole = [head, content, `\r\n--${boundary}--\r\n`];
  const refused: [what: string, answer: ReturnType<typeof post>][] = [
    ['no Content-Type', post(undefined, ...whole)],
    ['a form without a boundary', post('multipart/form-data', ...whole)],
    ['an empty boundary', post('multipart/form-data; boundary=""', ...whole)],
    ['a boundary with illegal characters', post('multipart/form-data; boundary="a\\"b<>"', ...whole)],
    ['a boundary that is too long', post(`multipart/form-data; boundary=${'b'.repeat(71)}`, ...whole)],
    ['another kind of multipart', post(`multipart/mixed; boundary=${boundary}`, ...whole)],
    ['a boundary that is not in the body', post('multipart/form-data; boundary=another', ...whole)],
    ['an empty body', post(multipart)],
    ['a body that ends in a boundary', post(multipart, `--${boundary}`)],
    ['a body that ends in the headers of a part', post(multipart, head.slice(0, 60))],
    ['a file that ends without a boundary', post(multipart, head, content)],
    ['a file whose closing boundary is cut', post(multipart, head, content, `\r\n--${boundary}-`)],
    ['a boundary that runs on', post(multipart, head, content, `\r\n--${boundary}more\r\n`)],
    ['a form that goes on after its end', post(multipart, ...whole, 'x'.repeat(100 * KiB))],
  ];
  for (const [what, answer] of refused) {
    await refuses(what, answer, 'InvalidRequest');
  }
  await assertNothingLeft(ctx, [filename]);
});

async function refuses(what: string, answer: Promise<{ status: number; text: string }>, code: string): Promise<void> {
  try {
    assertRefused(await answer, 400, code);
  } catch (error) {
    throw new Error(`${what}: ${(error as Error).message}`, { cause: error });
  }
}
