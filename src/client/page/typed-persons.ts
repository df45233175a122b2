import { asId, isId } from '../../base/ids.ts';
import type { PersonId } from '../../trust/devices/ids.ts';

/** Ids as somebody types them, apart by spaces or commas, each once; `undefined` where one of them is none. */
export const typedPersons = (text: string): PersonId[] | undefined => {
  const words = text.split(/[\s,;]+/u).filter(Boolean);
  return words.every(isId) ? [...new Set(words)].map((word) => asId<PersonId>(word)) : undefined;
};
