import { ENGLISH } from './en.ts';
import type { Texts } from './texts.ts';

/** By language tag, without its region. A further language is one more file and one more line. */
const LANGUAGES: Readonly<Record<string, Texts>> = { en: ENGLISH };

export interface ChosenTexts {
  readonly language: string;
  readonly texts: Texts;
}

/** The first of the wished-for languages (BCP 47 tags) that there is; English where there is none. */
export const chooseTexts = (wished: readonly string[]): ChosenTexts => {
  for (const tag of wished) {
    const language = tag.toLowerCase().split('-', 1)[0] ?? '';
    const texts = Object.hasOwn(LANGUAGES, language) ? LANGUAGES[language] : undefined;
    if (texts !== undefined) return { language, texts };
  }
  return { language: 'en', texts: ENGLISH };
};
