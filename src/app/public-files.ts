/** What everybody may have of the authority for people, and a relay needs to judge who enters. */
export const PUBLIC_FILES = {
  root: 'people-root.pem',
  scale: 'scale.signed.json',
  list: 'revocation.json',
} as const;
