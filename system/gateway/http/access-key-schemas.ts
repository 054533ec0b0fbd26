/** JSON Schemas of the operators' interface to S3 accounts and their keys. */

const text = { type: 'string' } as const;
const email = { type: ['string', 'null'] } as const;
const account = { account_id: text, display_name: text, email } as const;

export const newKeyBody = {
  type: ['object', 'null'],
  properties: {
    account_id: { type: 'string', minLength: 1, maxLength: 200, description: 'without one, an account is made' },
    display_name: { type: 'string', minLength: 1, maxLength: 200 },
    email: { type: 'string', maxLength: 320 },
  },
} as const;

export const madeKeySchema = {
  type: 'object',
  properties: { ...account, access_key: text, secret_key: { ...text, description: 'told here, and never again' } },
} as const;

export const keyListSchema = {
  type: 'object',
  properties: {
    access_keys: {
      type: 'array',
      items: {
        type: 'object',
        properties: {
          ...account,
          access_key: text,
          enabled: { type: 'boolean' },
          created_at: { ...text, format: 'date-time' },
        },
      },
    },
  },
} as const;

export const disabledKeySchema = { type: 'object', properties: { message: text, access_key: text } } as const;

export const keyParams = { type: 'object', properties: { access_key: text } } as const;
