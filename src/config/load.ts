import { messageOf } from '../base/errors.ts';
import { ok, type Result, refuse } from '../base/result.ts';
import { flagOf, SETTING_NAMES, SETTINGS, type SettingName, type Settings, variableOf } from './settings.ts';
import { stateDirOf } from './state-dir.ts';

export interface SettingSources {
  /** By setting, from the command line; the strongest source. */
  readonly flags: Partial<Record<SettingName, string>>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** A JSON object of settings, weaker than both. `read` throws where the file cannot be read. */
  readonly file?: { readonly path: string; readonly read: (path: string) => string } | undefined;
  /** What a command takes where nobody said anything; weakest, and stronger than the settings' own defaults. */
  readonly defaults?: Partial<Settings>;
}

export type ConfigCode = 'config.unreadable' | 'config.unknown' | 'config.invalid';
type ConfigResult<T> = Result<T, { code: ConfigCode; message: string; remedy?: string }>;

/** Variables of this project that are not settings of the server. */
const OTHER_VARIABLES = new Set(['BELFRY_CACHE']);

interface Given {
  readonly value: unknown;
  readonly from: string;
}

/** All settings, each from its strongest source. Unknown names are refused, so that a typo is never a silent default. */
export const loadSettings = (sources: SettingSources): ConfigResult<Settings> => {
  const file = readSettingsFile(sources.file);
  if (!file.ok) return file;
  const unknown = unknownVariable(sources.environment);
  if (unknown !== undefined) return unknown;
  const settings: Record<string, unknown> = {};
  const defaults = { stateDir: stateDirOf(sources.environment), ...sources.defaults };
  for (const name of SETTING_NAMES) {
    const given = strongest(name, { ...sources, defaults }, file.value);
    const parsed = SETTINGS[name].schema.safeParse(given.value);
    if (!parsed.success) return invalid(name, given, parsed.error.issues[0]?.message);
    settings[name] = parsed.data;
  }
  return ok(settings as Settings);
};

const strongest = (
  name: SettingName,
  sources: SettingSources,
  file: Readonly<Record<string, unknown>>,
): Given => {
  const variable = variableOf(name);
  const flag = sources.flags[name];
  const fromEnvironment = sources.environment[variable];
  if (flag !== undefined) return { value: flag, from: `--${flagOf(name)}` };
  if (fromEnvironment !== undefined && fromEnvironment !== '')
    return { value: fromEnvironment, from: variable };
  if (file[name] !== undefined) return { value: file[name], from: sources.file?.path ?? '' };
  return { value: sources.defaults?.[name], from: 'the default' };
};

const invalid = (name: SettingName, given: Given, why = 'is not usable') =>
  refuse(
    'config.invalid' as const,
    `${given.from} is ${JSON.stringify(given.value)}: ${why}`,
    `${flagOf(name)}: ${SETTINGS[name].help}`,
  );

const unknownVariable = (environment: SettingSources['environment']) => {
  const known = new Set(SETTING_NAMES.map(variableOf));
  const unknown = Object.keys(environment).find(
    (name) => name.startsWith('BELFRY_') && !known.has(name) && !OTHER_VARIABLES.has(name),
  );
  if (unknown === undefined) return undefined;
  return refuse(
    'config.unknown' as const,
    `the environment variable ${unknown} names no setting`,
    `there are ${[...known].join(', ')}`,
  );
};

const readSettingsFile = (file: SettingSources['file']): ConfigResult<Readonly<Record<string, unknown>>> => {
  if (file === undefined) return ok({});
  let parsed: unknown;
  try {
    parsed = JSON.parse(file.read(file.path));
  } catch (error) {
    return refuse('config.unreadable', `the settings file ${file.path} cannot be used: ${messageOf(error)}`);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed))
    return refuse('config.unreadable', `the settings file ${file.path} must hold one JSON object`);
  const unknown = Object.keys(parsed).find((name) => !Object.hasOwn(SETTINGS, name));
  if (unknown !== undefined)
    return refuse(
      'config.unknown',
      `the settings file ${file.path} names ${JSON.stringify(unknown)}, which is no setting`,
      `there are ${SETTING_NAMES.join(', ')}`,
    );
  return ok(parsed as Record<string, unknown>);
};
