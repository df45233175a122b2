export const dayOf = (unixMs: number): string => new Date(unixMs).toISOString().slice(0, 10);
export const minuteOf = (unixMs: number): string =>
  `${new Date(unixMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
