/** The XDG base directory specification's place for what must survive a restart. */
export const stateDirOf = ({
  XDG_STATE_HOME,
  HOME,
}: Readonly<Record<string, string | undefined>>): string => {
  // The specification has relative paths ignored.
  if (XDG_STATE_HOME?.startsWith('/')) return `${XDG_STATE_HOME}/belfry`;
  return HOME === undefined || HOME === '' ? '/var/lib/belfry' : `${HOME}/.local/state/belfry`;
};
