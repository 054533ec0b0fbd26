import { spawn } from 'node:child_process';
import { once } from 'node:events';

const outputCharsKept = 3_000;

/** Runs a program to its end. Throws with the end of what it printed. Gives back its standard output. */
export async function runProgram(
  program: string,
  args: readonly string[],
  { deadlineMs, input }: { readonly deadlineMs: number; readonly input?: NodeJS.ReadableStream },
): Promise<string> {
  const child = spawn(program, args, {
    stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    // The legacy builder needs no plug-in, and is what every engine has.
    env: { ...process.env, DOCKER_BUILDKIT: '0', DEBIAN_FRONTEND: 'noninteractive' },
    signal: AbortSignal.timeout(deadlineMs),
  });
  const printed = { stdout: '', all: '' };
  child.stdout?.on('data', (piece) => {
    printed.stdout = `${printed.stdout}${piece}`.slice(-1_000_000);
    printed.all = `${printed.all}${piece}`.slice(-outputCharsKept);
  });
  child.stderr?.on('data', (piece) => {
    printed.all = `${printed.all}${piece}`.slice(-outputCharsKept);
  });
  if (input !== undefined && child.stdin !== null) {
    // A program that ended early says why in its output.
    child.stdin.on('error', () => {});
    input.pipe(child.stdin);
  }
  const [code, signal] = await once(child, 'close');
  if (code !== 0) {
    throw new Error(`${program} ${args.slice(0, 3).join(' ')} … ended with ${code ?? signal}:\n${printed.all.trim()}`);
  }
  return printed.stdout;
}

/** Those of the images that the engine does not have. */
export async function missingImages<Name extends string>(names: readonly Name[]): Promise<Name[]> {
  const found = await Promise.all(
    names.map((name) =>
      docker(['image', 'inspect', '--format', 'there', name]).then(
        () => true,
        () => false,
      ),
    ),
  );
  return names.filter((_, index) => !found[index]);
}

/** The docker command, on the engine that DOCKER_HOST names. */
export function docker(args: readonly string[], deadlineMs = 60_000, input?: NodeJS.ReadableStream): Promise<string> {
  return runProgram('docker', args, { deadlineMs, ...(input === undefined ? {} : { input }) });
}
