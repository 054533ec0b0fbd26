import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { stopOnSignal } from '../../kit/cluster/exit-guard.ts';

/** Of one transfer. */
const withinSeconds = 180;

export function hasCurl(): Promise<boolean> {
  return runCurl(['--version']).then(
    () => true,
    () => false,
  );
}

/** What curl prints. Throws, with what it complains of, when it fails. */
export async function runCurl(given: readonly string[]): Promise<string> {
  const child = spawn('curl', ['--silent', '--show-error', '--max-time', String(withinSeconds), ...given]);
  const forget = stopOnSignal(async () => {
    child.kill();
  });
  try {
    return await outputOf(child);
  } finally {
    forget();
  }
}

async function outputOf(child: ChildProcess): Promise<string> {
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`curl ended with ${code}: ${output.stderr}${output.stdout}`);
  return output.stdout;
}
