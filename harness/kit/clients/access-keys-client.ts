import type { HttpRequest } from './http-exchange.ts';
import type { RestClient } from './rest-client.ts';

/** An S3 key as it is listed: its secret is told only once, when it is made. */
export interface ListedKey {
  readonly account_id: string;
  readonly display_name: string;
  readonly email: string | null;
  readonly access_key: string;
  readonly enabled: boolean;
  /** ISO 8601. */
  readonly created_at: string;
}

export type NewKey = Omit<ListedKey, 'enabled' | 'created_at'> & { readonly secret_key: string };

/** Whose key it is to be: without an id, of a new account. */
export interface KeyOwner {
  readonly account_id?: string;
  readonly display_name?: string;
  readonly email?: string;
}

/** The gateway has refused what was asked for; the message is the gateway's own sentence. */
export class KeyRefused extends Error {
  override name = 'KeyRefused';
}

/** The operator's routes for S3 accounts and their keys. Throws KeyRefused, and what the connection fails with. */
export class AccessKeysClient {
  readonly #rest: RestClient;

  constructor(rest: RestClient) {
    this.#rest = rest;
  }

  create(owner: KeyOwner): Promise<NewKey> {
    const body = Buffer.from(JSON.stringify(owner));
    const headers = { 'content-type': 'application/json', 'content-length': body.length };
    return this.#ask({ method: 'POST', path: '/admin/access-keys', headers, body: [body] });
  }

  async list(): Promise<readonly ListedKey[]> {
    const { access_keys } = await this.#ask<{ access_keys: ListedKey[] }>({
      method: 'GET',
      path: '/admin/access-keys',
    });
    return access_keys;
  }

  disable(accessKey: string): Promise<{ readonly access_key: string }> {
    return this.#ask({ method: 'POST', path: `${keyPath(accessKey)}/disable` });
  }

  /** A new key for the same account; the old one is disabled. */
  rotate(accessKey: string): Promise<NewKey> {
    return this.#ask({ method: 'POST', path: `${keyPath(accessKey)}/rotate` });
  }

  async #ask<Body>(wanted: HttpRequest): Promise<Body> {
    const { status, body, error, text } = await this.#rest.send<Body>(wanted);
    if (status >= 300) throw new KeyRefused(error?.error ?? `${wanted.path} was answered with ${status}: ${text}`);
    return body;
  }
}

function keyPath(accessKey: string): string {
  return `/admin/access-keys/${encodeURIComponent(accessKey)}`;
}
