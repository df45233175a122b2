/** Sample people of the demonstration: the authority's id, and what each calls itself. */
export const CAST = [
  { id: 'anna', name: 'Anna' },
  { id: 'bert', name: 'Bert' },
  { id: 'chloe', name: 'Chloé' },
] as const;

/** Comes to the self-check midway. */
export const LATER = { id: 'dora', name: 'Dora' } as const;

/** Of the Belgian scale. */
export const LEVEL = 'confidential';
