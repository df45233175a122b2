/** What enrolling needs of HTTP; `fetch` is one. */
export type Fetch = (
  url: string,
  options: { readonly method: 'GET' | 'POST'; readonly body?: string; readonly signal: AbortSignal },
) => Promise<{ readonly status: number; text(): Promise<string> }>;
