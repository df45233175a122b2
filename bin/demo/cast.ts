/**
 * Sample people of the demonstration: the pseudonym that the authority gives, which stands in certificates, charters and the
 * record, and what each calls itself, which is sealed.
 */
export const CAST = [
  { id: 'p-01', name: 'Anna' },
  { id: 'p-02', name: 'Bert' },
  { id: 'p-03', name: 'Chloé' },
] as const;

/** Comes to the self-check midway. */
export const LATER = { id: 'p-04', name: 'Dora' } as const;

/** Of the Belgian scale. */
export const LEVEL = 'confidential';
