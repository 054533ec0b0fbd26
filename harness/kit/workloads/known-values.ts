import type { Plan } from '../experiment/plan.ts';
import type { ValueId } from '../history/events.ts';
import { contentFrom, headBytesMax, type Value, valueBytesMin } from './value-content.ts';

/**
 * Everything that a run can have stored, so that what is read can be told: the values of the plan, the ETags under which
 * they are known since their bytes were sent, and the ids that `/files` gave. One for each run, shared by all its clients.
 */
export class KnownValues {
  /** By key; of uploads that were acknowledged, or listed. */
  readonly fileIds = new Map<string, string>();
  readonly #values = new Map<ValueId, Value>();
  readonly #short = new Map<string, Value>();
  readonly #etags = new Map<ValueId, string>();
  readonly #byEtag = new Map<string, ValueId>();

  constructor({ clients }: Pick<Plan, 'clients'>) {
    for (const { call } of clients.flatMap(({ operations }) => operations)) {
      if (call.kind === 'put') this.#add({ id: call.value, bytes: call.bytes });
    }
  }

  value(id: ValueId): Value | null {
    return this.#values.get(id) ?? null;
  }

  /** The value whose whole content this is, if it is one that is too short for a head. */
  shortValue(content: Buffer): Value | null {
    return content.length < headBytesMax ? (this.#short.get(content.toString('hex')) ?? null) : null;
  }

  /** To be called before the last byte of the value is sent: from then on a reader may see it. Bare, without quotes. */
  learnEtag(id: ValueId, etag: string): void {
    this.#etags.set(id, etag);
    this.#byEtag.set(etag, id);
  }

  etagOf(id: ValueId): string {
    const etag = this.#etags.get(id);
    if (etag === undefined) throw new Error(`value ${id} was seen although it was never sent`);
    return etag;
  }

  /** Of an ETag as it comes in a header; null where no value of this run has it. */
  valueOfEtag(etag: string | undefined): Value | null {
    const id = this.#byEtag.get((etag ?? '').replaceAll('"', ''));
    return id === undefined ? null : this.value(id);
  }

  #add(value: Value): void {
    const { id, bytes } = value;
    if (bytes < valueBytesMin)
      throw new RangeError(`value ${id} has ${bytes} bytes, at least ${valueBytesMin} are needed`);
    if (this.#values.has(id)) throw new Error(`value ${id} is put twice in this plan`);
    this.#values.set(id, value);
    if (bytes < headBytesMax) this.#short.set(contentFrom(value, 0)(bytes).toString('hex'), value);
  }
}
