import type { Result } from '../../../../base/result.ts';
import type { EngineReply } from '../../../engine/port.ts';
import type { Pending } from '../pending.ts';

export type PendingOf<K extends Pending['kind']> = Extract<Pending, { readonly kind: K }>;
export type Reply = Result<EngineReply>;
