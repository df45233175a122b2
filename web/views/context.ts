import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { Levels } from '../../src/client/page/level.ts';
import { ENGLISH } from '../texts/en.ts';
import type { Texts } from '../texts/texts.ts';

const TextsContext = createContext<Texts>(ENGLISH);
const LevelsContext = createContext<Levels | undefined>(undefined);

export const TextsProvider = TextsContext.Provider;
export const LevelsProvider = LevelsContext.Provider;
export const useTexts = (): Texts => useContext(TextsContext);
/** `undefined` where no sound can be measured. */
export const useLevels = (): Levels | undefined => useContext(LevelsContext);
