import { utf8 } from '../../base/bytes.ts';
import { MAX_TITLE_BYTES, titleText } from '../../trust/hall/title.ts';

/** No field cuts a title off that could be one: its units are never more than its bytes. */
export const MAX_TYPED_TITLE = MAX_TITLE_BYTES;

export type TitleFault = 'too-long' | 'unshowable';

export type TypedTitle =
  | { readonly kind: 'empty' }
  | { readonly kind: 'good'; readonly title: string }
  | { readonly kind: 'fault'; readonly fault: TitleFault };

/** What somebody typed, by the rule that everybody judges the title by who is told of it. */
export const typedTitle = (text: string): TypedTitle => {
  const title = text.trim();
  if (title === '') return { kind: 'empty' };
  if (titleText.safeParse(title).success) return { kind: 'good', title };
  const isTooLong = utf8(title).length > MAX_TITLE_BYTES;
  return { kind: 'fault', fault: isTooLong ? 'too-long' : 'unshowable' };
};
