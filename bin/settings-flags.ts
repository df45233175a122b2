import { readFileSync } from 'node:fs';
import type { Result } from '../src/base/result.ts';
import { loadSettings } from '../src/config/load.ts';
import { flagOf, SETTING_NAMES, SETTINGS, type SettingName, type Settings } from '../src/config/settings.ts';
import type { Flag, FlagValues } from './command-line.ts';

const defaultText = (name: SettingName, defaults: Partial<Settings>): string => {
  const value = defaults[name] ?? SETTINGS[name].schema.safeParse(undefined).data;
  return typeof value === 'string' || typeof value === 'number' ? ` (default ${value})` : '';
};

const settingFlag = (name: SettingName, defaults: Partial<Settings>): Flag => {
  const { placeholder, help }: Flag = SETTINGS[name];
  const text = `${help}${defaultText(name, defaults)}`;
  return placeholder === undefined ? { help: text } : { placeholder, help: text };
};

/** One flag per setting of the relay, and `--config`. `defaults`: the command's own, where they differ. */
export const settingsFlags = (defaults: Partial<Settings>): Readonly<Record<string, Flag>> => ({
  ...Object.fromEntries(SETTING_NAMES.map((name) => [flagOf(name), settingFlag(name, defaults)])),
  config: { placeholder: 'FILE', help: 'JSON file of settings; flags and BELFRY_… variables are stronger' },
});

export const SETTINGS_HELP =
  'Settings come from flags, then variables such as BELFRY_PORT, then the file of --config, then the defaults.';

export const settingsOf = (values: FlagValues, defaults: Partial<Settings>): Result<Settings> => {
  const flags: Partial<Record<SettingName, string>> = {};
  for (const name of SETTING_NAMES) {
    const value = values[flagOf(name)];
    if (value !== undefined) flags[name] = String(value);
  }
  const path = values.config;
  const file =
    typeof path === 'string' ? { path, read: (from: string) => readFileSync(from, 'utf8') } : undefined;
  return loadSettings({ flags, environment: process.env, file, defaults });
};
