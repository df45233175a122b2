/** Classical, and the product's default. */
export const SUITES = ['x25519', 'x-wing'] as const;
export type Suite = (typeof SUITES)[number];

export const SUITE_NAMES: Readonly<Record<Suite, string>> = { x25519: 'X25519', 'x-wing': 'X-Wing' };
