import type { FastifyInstance } from 'fastify';
import type { AccessKeys } from '../objects/access-keys.ts';
import type { Account, KeyPair } from '../objects/account-ports.ts';
import { disabledKeySchema, keyListSchema, keyParams, madeKeySchema, newKeyBody } from './access-key-schemas.ts';
import { type Credentials, requireRestKey } from './authentication.ts';
import { errorSchema } from './schemas.ts';

export interface AccessKeyDeps {
  readonly credentials: Credentials;
  readonly accessKeys: AccessKeys;
}

interface NewKeyRequest {
  Body: { account_id?: string; display_name?: string; email?: string } | null;
}

interface KeyParams {
  Params: { access_key: string };
}

const failures = { '4xx': errorSchema, '5xx': errorSchema };
const tags = ['admin'];

/** /admin/access-keys: who may use S3. */
export function accessKeyRoutes(app: FastifyInstance, { credentials, accessKeys }: AccessKeyDeps): void {
  app.addHook('onRequest', async (request) => requireRestKey(credentials, request));
  const path = '/admin/access-keys';

  const createSchema = {
    tags,
    summary: 'Make an S3 key, and its account if there is none of that id',
    body: newKeyBody,
    response: { 201: madeKeySchema, ...failures },
  };
  app.post<NewKeyRequest>(path, { schema: createSchema }, async (request, reply) => {
    const { account_id: accountId, display_name: displayName, email } = request.body ?? {};
    const made = await accessKeys.create({ accountId, displayName, email });
    return reply.code(201).send(describeMade(made));
  });

  const listSchema = {
    tags,
    summary: 'Every S3 key, without its secret',
    response: { 200: keyListSchema, ...failures },
  };
  app.get(path, { schema: listSchema }, async () => ({
    access_keys: (await accessKeys.list()).map(({ accessKey, isEnabled, createdAt, account }) => ({
      ...describeAccount(account),
      access_key: accessKey,
      enabled: isEnabled,
      created_at: createdAt.toISOString(),
    })),
  }));

  const disableSchema = {
    tags,
    summary: 'Disable an S3 key; gateways notice within a second',
    params: keyParams,
    response: { 200: disabledKeySchema, ...failures },
  };
  app.post<KeyParams>(`${path}/:access_key/disable`, { schema: disableSchema }, async ({ params }) => {
    await accessKeys.disable(params.access_key);
    return { message: 'the key was disabled', access_key: params.access_key };
  });

  const rotateSchema = {
    tags,
    summary: 'Give the account of an S3 key a new one and disable the old one',
    params: keyParams,
    response: { 201: madeKeySchema, ...failures },
  };
  app.post<KeyParams>(`${path}/:access_key/rotate`, { schema: rotateSchema }, async ({ params }, reply) =>
    reply.code(201).send(describeMade(await accessKeys.rotate(params.access_key))),
  );
}

function describeAccount({ accountId, displayName, email }: Account) {
  return { account_id: accountId, display_name: displayName, email };
}

function describeMade(made: Account & KeyPair) {
  return { ...describeAccount(made), access_key: made.accessKey, secret_key: made.secretKey };
}
