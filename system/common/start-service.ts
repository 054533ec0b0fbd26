import { ConfigError } from './config.ts';

/**
 * Runs a service's main function and turns what can go wrong at its start into a sentence and an exit code: 2 for
 * wrong settings, 1 for anything else. When it resolves, everything it opened is closed, and the process ends.
 */
export async function startService(name: string, main: () => Promise<void>): Promise<void> {
  try {
    await main();
    // Whatever a library still holds open must not keep a stopped service running.
    process.exit(0);
  } catch (error) {
    if (error instanceof ConfigError) return fail(`${name}: ${error.message}`, 2);
    const { code, port } = error as { code?: unknown; port?: unknown };
    if (code === 'EADDRINUSE') {
      return fail(`${name}: port ${port} is in use by another program; choose another with ${portSetting(name)}`, 1);
    }
    return fail(`${name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`, 1);
  }
}

function portSetting(name: string): string {
  return name === 'gateway' ? 'SEXTANT_REST_PORT' : 'SEXTANT_NODE_PORT';
}

function fail(sentence: string, exitCode: number): void {
  process.stderr.write(`${sentence}\n`);
  process.exit(exitCode);
}
