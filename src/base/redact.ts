/**
 * The only way in which identifiers, names and addresses reach logs: as a short pseudonym that is stable within one
 * run of a process and cannot be turned back without that run's `salt`.
 */
export type Redact = (identifier: string) => string;

/** FNV-1a over salt and identifier: pseudonyms for reading a log, not a commitment; 32 bits are plenty for that. */
export const makeRedact = (salt: string): Redact => {
  return (identifier) => {
    let hash = 0x811c9dc5;
    for (const char of salt + identifier) {
      hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
    }
    return `~${(hash >>> 0).toString(16).padStart(8, '0')}`;
  };
};
