/** The patch does not fit the text any more, or is none. */
export class PatchFailed extends Error {
  override name = 'PatchFailed';
}

/** One file of a patch, and how its text changes. */
interface FilePatch {
  readonly file: string;
  readonly hunks: readonly { readonly before: string; readonly after: string }[];
}

/**
 * What the files of a unified diff (`git diff`) look like with it, by path. Stricter than `git apply`: what a hunk replaces must
 * occur in its file exactly once, so that a bug is never planted anywhere else than where it was meant to be. Throws PatchFailed.
 */
export function applyPatch(patch: string, read: (file: string) => string): Map<string, string> {
  const patched = new Map<string, string>();
  for (const { file, hunks } of parsePatch(patch)) {
    patched.set(
      file,
      hunks.reduce((text, hunk) => replaceOnce(text, hunk, file), read(file)),
    );
  }
  if (patched.size === 0) throw new PatchFailed('it changes no file');
  return patched;
}

function parsePatch(patch: string): FilePatch[] {
  return patch
    .split(/^--- a\/.*\n\+\+\+ b\//m)
    .slice(1)
    .map((part) => {
      const [file = '', ...lines] = part.split('\n');
      const hunks = lines.join('\n').split(/^@@ .*\n/m);
      return { file, hunks: hunks.slice(1).map(parseHunk) };
    });
}

function parseHunk(hunk: string): { before: string; after: string } {
  const lines = hunk.split('\n').filter((line) => /^[ +-]/.test(line));
  const side = (other: string) =>
    lines
      .filter((line) => !line.startsWith(other))
      .map((line) => `${line.slice(1)}\n`)
      .join('');
  return { before: side('+'), after: side('-') };
}

function replaceOnce(text: string, { before, after }: FilePatch['hunks'][number], file: string): string {
  const parts = `\n${text}`.split(`\n${before}`);
  if (parts.length === 2) return parts.join(`\n${after}`).slice(1);
  throw new PatchFailed(`${file} has the lines that it changes ${parts.length - 1} times, expected once:\n${before}`);
}
