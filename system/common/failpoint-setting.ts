import { z } from 'zod';
import type { ArmedFailpoint, FailpointAction } from './failpoint.ts';

/** The failpoints of one program: where each is, and what the world is like when it is reached. */
export type FailpointCatalogue<Name extends string = string> = Readonly<
  Record<Name, { readonly file: string; readonly state: string }>
>;

/** Armed failpoints by comma, each `name:action[:argument][@time]`; empty when nothing is armed. */
export function failpointSetting<Name extends string>(catalogue: FailpointCatalogue<Name>) {
  return z
    .string()
    .default('')
    .transform((text, context): readonly ArmedFailpoint<Name>[] =>
      text
        .split(',')
        .map((part) => part.trim())
        .filter((part) => part !== '')
        .flatMap((part) => {
          const parsed = parse(part, catalogue);
          if (typeof parsed !== 'string') return [parsed];
          context.addIssue({ code: 'custom', message: parsed });
          return [];
        }),
    );
}

/** A sentence when it is wrong. */
function parse<Name extends string>(text: string, catalogue: FailpointCatalogue<Name>): ArmedFailpoint<Name> | string {
  const [, name, kind, argument, time] = /^([^:@]*):([^:@]*)(?::([^:@]*))?(?:@(\d{1,9}))?$/.exec(text) ?? [];
  if (name === undefined || kind === undefined) {
    return `${text} must be name:action[:argument][@time], such as some.phase:delay:250@2`;
  }
  if (!Object.hasOwn(catalogue, name)) {
    return `there is no failpoint ${name}; there are ${Object.keys(catalogue).join(', ')}`;
  }
  const action = actionOf(kind, argument);
  if (action === undefined) {
    return `${text} must have one of the actions crash, pause, error, error:ECODE and delay:milliseconds`;
  }
  if (time !== undefined && Number(time) === 0) return `${text}: times are counted from 1`;
  return { name: name as Name, action, time: Number(time ?? 1) };
}

function actionOf(kind: string, argument: string | undefined): FailpointAction | undefined {
  if ((kind === 'crash' || kind === 'pause') && argument === undefined) return { kind };
  if (kind === 'error' && /^E[A-Z0-9]+$/.test(argument ?? 'EIO')) return { kind, code: argument };
  if (kind === 'delay' && /^\d{1,5}$/.test(argument ?? '')) return { kind, delayMs: Number(argument) };
  return undefined;
}
