/**
 * The directions of imports are kept by the linter (biome.json, harness/tidy/lint). Here each of them is tried on
 * imports that break it and on imports that do not: were a rule lost, or did one refuse everything, a test fails.
 */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { lintSnippets, type Snippet } from './lint-cases.ts';

/** Folder of the importing file, what it may not import, what it may. */
const directions: [folder: string, refused: string[], allowed: string[]][] = [
  [
    'proto',
    ['../system/common/bytes.ts', '../harness/kit/a.ts', 'pg', 'fastify'],
    ['./gen/storage.ts', '@grpc/grpc-js'],
  ],
  [
    'system/common',
    ['../gateway/objects/ports.ts', '../../proto/data-frame.ts', 'pg', '@grpc/grpc-js'],
    ['zod', './a.ts'],
  ],
  [
    'system/gateway',
    ['../storage-node/main.ts', '../../harness/kit/a.ts', 'pg', '@grpc/grpc-js'],
    ['fastify-is-for-app.ts', './http/a.ts', './metadata/a.ts', './nodes/a.ts'],
  ],
  [
    'system/gateway/http',
    ['../metadata/a.ts', '../nodes/a.ts', '../s3/a.ts', '../../storage-node/chunks/a.ts', 'pg', '@grpc/grpc-js'],
    ['../objects/files.ts', '../placement/a.ts', '../../common/clock.ts', '../wire/a.ts', 'fastify', './a.ts'],
  ],
  [
    'system/gateway/s3',
    ['../metadata/a.ts', '../nodes/a.ts', '../http/a.ts', 'pg', 'node-pg-migrate'],
    ['../objects/files.ts', '../wire/a.ts', './xml/a.ts', 'fastify'],
  ],
  [
    'system/gateway/s3/xml',
    ['../../metadata/a.ts', '../../http/a.ts', 'pg'],
    ['../a.ts', '../../objects/files.ts', '../../../common/clock.ts'],
  ],
  [
    'system/gateway/wire',
    ['../http/a.ts', '../s3/a.ts', '../metadata/a.ts', '../nodes/a.ts', 'pg', 'fastify'],
    ['../objects/errors.ts', '../../common/clock.ts', 'node:http', './a.ts'],
  ],
  [
    'system/gateway/objects',
    ['../http/a.ts', '../s3/a.ts', '../metadata/a.ts', '../nodes/a.ts', '../maintenance/a.ts', 'pg', 'fastify'].concat([
      '@grpc/grpc-js',
      'pino',
      'node:fs',
      'node:fs/promises',
      'node:net',
      'node:http',
      'node:child_process',
    ]),
    ['../placement/membership.ts', '../../common/clock.ts', '../../../proto/data-frame.ts', 'node:crypto', './a.ts'],
  ],
  [
    'system/gateway/placement',
    [
      '../objects/ports.ts',
      '../metadata/a.ts',
      '../nodes/a.ts',
      'pg',
      'fastify',
      '@grpc/grpc-js',
      'pino',
      'node:fs',
    ].concat(['node:fs/promises', 'node:timers/promises', '../../../proto/data-frame.ts']),
    ['./ring.ts', '../../common/assert.ts'],
  ],
  [
    'system/gateway/metadata',
    ['../http/a.ts', '../s3/a.ts', '../nodes/a.ts', '../../storage-node/a.ts', 'fastify', '@grpc/grpc-js'],
    ['../objects/ports.ts', '../placement/membership.ts', 'pg', 'node-pg-migrate', 'node:fs/promises'],
  ],
  [
    'system/gateway/nodes',
    ['../http/a.ts', '../metadata/a.ts', '../../storage-node/grpc/a.ts', 'pg', 'fastify'],
    ['../objects/ports.ts', '../../../proto/storage-service.ts', '@grpc/grpc-js'],
  ],
  [
    'system/gateway/maintenance',
    ['../http/a.ts', '../metadata/a.ts', '../nodes/a.ts', 'pg', '@grpc/grpc-js', 'fastify'],
    ['../objects/ports.ts', '../placement/a.ts'],
  ],
  ['system/gateway/security', ['../http/a.ts', '../metadata/a.ts', 'pg', '@grpc/grpc-js'], ['../../common/a.ts']],
  ['system/storage-node', ['../gateway/objects/ports.ts', '../../harness/kit/a.ts', 'pg', 'fastify'], ['./grpc/a.ts']],
  [
    'system/storage-node/grpc',
    ['../../gateway/nodes/a.ts', '../heartbeat/a.ts', 'pg', 'fastify'],
    ['../chunks/a.ts', '../../../proto/storage-service.ts', '@grpc/grpc-js', '@grpc/reflection', 'grpc-health-check'],
  ],
  [
    'system/storage-node/chunks',
    ['../grpc/a.ts', '../heartbeat/a.ts', '../../gateway/objects/ports.ts', '@grpc/grpc-js', 'pg'],
    ['../../common/bytes.ts', 'node:fs/promises', '@node-rs/crc32'],
  ],
  ['system/storage-node/data-dir', ['../grpc/a.ts', '../heartbeat/a.ts', '@grpc/grpc-js', 'pg'], ['../chunks/disk.ts']],
  ['system/storage-node/heartbeat', ['../grpc/a.ts', '../../gateway/http/a.ts', '@grpc/grpc-js'], ['../chunks/a.ts']],
  [
    'harness/kit/cluster',
    [
      '../../../system/common/bytes.ts',
      '../../e2e/a.ts',
      '../../cli/a.ts',
      '../../grpc/a.ts',
      '@grpc/grpc-js',
      'fastify',
    ],
    ['../tools/a.ts', '../../../proto/storage-service.ts', 'node:fs/promises', 'pg'],
  ],
  [
    'harness/kit/clients',
    ['../../../system/gateway/objects/errors.ts', '../../e2e/a.ts'],
    ['@grpc/grpc-js', '../a.ts'],
  ],
  [
    'harness/kit/checkers',
    ['node:fs', 'node:fs/promises', 'pg', '@grpc/grpc-js', 'fastify', '../clients/a.ts', '../cluster/a.ts'],
    ['../history/a.ts', './a.ts', 'node:test', 'node:assert/strict'],
  ],
  [
    'harness/cli',
    ['../../system/gateway/main.ts', 'pg', '@grpc/grpc-js', 'fastify'],
    ['../kit/cluster/a.ts', 'commander'],
  ],
  [
    'harness/e2e',
    ['../../system/gateway/main.ts', '../grpc/a.ts', '../concurrency/a.ts', '../cli/a.ts', 'fastify', '@grpc/grpc-js'],
    ['../kit/clients/a.ts', 'node:fs/promises'],
  ],
  [
    'harness/grpc',
    ['../../system/storage-node/main.ts', '../e2e/a.ts', 'fastify'],
    ['../kit/a.ts', '../../proto/a.ts'],
  ],
  ['harness/s3', ['../../system/gateway/s3/errors.ts', '../e2e/a.ts', '../cli/a.ts'], ['../kit/clients/s3/a.ts']],
  ['harness/s3/operations', ['../../e2e/a.ts', '../../../system/gateway/main.ts'], ['../refused.ts', '../../kit/a.ts']],
  ['harness/concurrency', ['../../system/common/clock.ts', '../e2e/a.ts', '../grpc/a.ts'], ['../kit/workloads/a.ts']],
];

/** Ways to import that a rule could overlook. */
const forms: [title: string, file: string, code: string, refused: boolean][] = [
  ['a dynamic import keeps the directions', 'system/gateway/http/a.ts', "await import('pg');", true],
  ['an import of types keeps the directions', 'system/gateway/http/a.ts', "export type { Pool } from 'pg';", true],
  [
    'placement takes no random id of node:crypto',
    'system/gateway/placement/a.ts',
    importOf('{ randomUUID as it }', 'node:crypto'),
    true,
  ],
  [
    'placement may hash with node:crypto',
    'system/gateway/placement/a.ts',
    importOf('{ createHash as it }', 'node:crypto'),
    false,
  ],
  ['app.ts may import fastify', 'system/gateway/app.ts', "import 'fastify';", false],
];

describe('the linter keeps the directions of imports', () => {
  const snippets: Snippet[] = [
    ...directions.flatMap(([folder, refused, allowed]) =>
      [...refused, ...allowed].map((to) => ({ file: `${folder}/a.ts`, code: importOf('* as it', to) })),
    ),
    ...forms.map(([, file, code]) => ({ file, code })),
  ];
  let refusals: boolean[];

  before(async () => {
    const errors = await lintSnippets(snippets);
    refusals = errors.map((found) => found.some((error) => /noRestrictedImports|^plugin/.test(error)));
  });

  const isRefused = (file: string, code: string) =>
    refusals[snippets.findIndex((snippet) => snippet.file === file && snippet.code === code)];

  for (const [folder, refused, allowed] of directions) {
    test(`${folder} imports only what it may`, () => {
      const verdict = (to: string) => isRefused(`${folder}/a.ts`, importOf('* as it', to));
      assert.deepEqual(
        refused.filter((to) => verdict(to) !== true),
        [],
        `${folder} must not be able to import these`,
      );
      assert.deepEqual(
        allowed.filter((to) => verdict(to) !== false),
        [],
        `${folder} must be able to import these`,
      );
    });
  }
  for (const [title, file, code, refused] of forms) {
    test(title, () => assert.equal(isRefused(file, code), refused));
  }
});

function importOf(what: string, from: string): string {
  return `import ${what} from '${from}';\n\nexport { it };`;
}
