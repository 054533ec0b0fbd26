/** Before every chunk id, in the order of both PostgreSQL and the nodes. */
export const FIRST_CHUNK_ID = '00000000-0000-0000-0000-000000000000';
