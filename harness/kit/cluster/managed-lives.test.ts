import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Launch } from './launch.ts';
import { ManagedLives } from './managed-lives.ts';
import type { Exit } from './target.ts';

test('what its engine refuses to kill ends the stop with the reason, and can be stopped again', async () => {
  let isRefused = true;
  const refuse = () => {
    if (isRefused) throw new Error('the engine is gone');
  };
  const service = new Lives({ SIGKILL: refuse });
  await service.start();
  await assert.rejects(service.stop(), /the engine is gone/);
  assert.equal(service.isRunning, true);
  isRefused = false;
  await service.stop();
  assert.equal(service.isRunning, false);
});

test('of two starts at once one is refused, and there is one life', async () => {
  const service = new Lives({});
  const outcomes = await Promise.allSettled([service.start(), service.start()]);
  assert.deepEqual(outcomes.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  assert.equal(service.lives, 1);
  await service.stop();
});

/** Lives that end by SIGKILL only, and not when what is given for a signal throws. */
class Lives extends ManagedLives<Launch> {
  lives = 0;
  readonly #onSignal: { readonly [signal in NodeJS.Signals]?: () => unknown };

  constructor(onSignal: { readonly [signal in NodeJS.Signals]?: () => unknown }) {
    super({ name: 'lives', logFile: '', address: '' });
    this.#onSignal = onSignal;
  }

  protected async startLife(): Promise<void> {
    this.adopt(await this.#launch());
  }

  stop(): Promise<void> {
    return this.end('SIGTERM', 10);
  }

  async #launch(): Promise<Launch> {
    this.lives++;
    const exited = Promise.withResolvers<Exit>();
    return {
      pid: null,
      exited: exited.promise,
      kill: async (signal) => {
        this.#onSignal[signal]?.();
        if (signal === 'SIGKILL') exited.resolve({ code: null, signal });
      },
    };
  }
}
