import { z } from 'zod';
import { parseTurnUrl, turnUrlOf } from '../base/turn-url.ts';

/** Where a value can come from: the flag `--metrics-port`, the variable `BELFRY_METRICS_PORT`, the file's `metricsPort`. */
interface Setting<T extends z.ZodType> {
  readonly schema: T;
  /** What `--help` prints, and what an error says was expected. */
  readonly help: string;
  /** Absent: the flag takes no value. */
  readonly placeholder?: string;
}

const setting = <T extends z.ZodType>(placeholder: string, help: string, schema: T): Setting<T> => ({
  schema,
  help,
  placeholder,
});

const TRUE = new Set<unknown>([true, 'true', 'yes', '1']);
const FALSE = new Set<unknown>([false, 'false', 'no', '0']);

/** Off unless said. */
const toggle = (help: string) => ({
  help,
  schema: z.preprocess(
    (value) => TRUE.has(value) || (FALSE.has(value) ? false : value),
    z.boolean({ error: 'must be true or false' }).default(false),
  ),
});

/** Values arrive as text (flags, environment) or as JSON (file): both forms are read. */
const wholeNumber = (min: number, max: number) =>
  z.preprocess(
    (value) => (typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value),
    z.int(`must be a whole number from ${min} to ${max}`).min(min).max(max),
  );
const port = wholeNumber(0, 65_535);
const address = z.union([z.ipv4(), z.ipv6()], { error: 'must be an IPv4 or IPv6 address, not a name' });
const listOf = <T extends z.ZodType>(item: T, maxItems: number) =>
  z.preprocess(
    (value) => (typeof value === 'string' ? value.split(',').map((part) => part.trim()) : value),
    z.array(item).max(maxItems),
  );
const loopbackAddress = z
  .string()
  .refine((text) => text === '::1' || /^127\.\d+\.\d+\.\d+$/.test(text), 'must be 127.0.0.1 or ::1');
const addressList = listOf(address, 16);

/** Each is tried by every client that finds no direct way: UDP, TCP and TLS of two servers, and some to spare. */
const MAX_TURN_SERVERS = 8;
const TURN_URL_FORM =
  'must be turn:ADDRESS:PORT?transport=udp (or tcp) or turns:ADDRESS:PORT, by address, not by name; ports below 1024: 53, 80, 443';
const turnUrl = z.string().transform((text, context) => {
  const server = parseTurnUrl(text);
  if (server !== undefined) return turnUrlOf(server);
  context.addIssue({ code: 'custom', message: TURN_URL_FORM });
  return z.NEVER;
});

/** RFC 1123 section 2.1; the last label of a name is no number, which would make it an address. */
const HOST_NAME =
  /^(?=.{1,253}$)(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/** More workers than this on one machine would outnumber any server's cores. */
const MAX_WORKERS = 256;

export const SETTINGS = {
  lan: toggle('serve the local network, by TLS from an authority of its own (`belfry ca root`)'),
  host: setting(
    'ADDRESS',
    'where clients reach signaling; by default loopback, with --lan every address; by TLS where not loopback',
    address.optional(),
  ),
  port: setting('PORT', 'TCP port of signaling; 0 takes a free one', port.default(8470)),
  announce: setting(
    'ADDRESS,…',
    'addresses that clients are told, the first in links; with --lan by default those of this machine',
    addressList.default([]),
  ),
  publicName: setting(
    'NAME',
    'host name for links and certificate; the network must resolve it, the relay never does',
    z.string().toLowerCase().regex(HOST_NAME, 'must be a host name').optional(),
  ),
  stateDir: setting(
    'FOLDER',
    'where the authority, the certificate and the records are kept; by default $XDG_STATE_HOME/belfry or ~/.local/state/belfry',
    z.string().min(1),
  ),
  people: setting(
    'FOLDER',
    'the public files of belfry ca publish: meetings are entered by certificate, and by charter alone; off unless named',
    z.string().min(1).optional(),
  ),
  enrolment: setting(
    'FOLDER',
    'where requests of devices for certificates wait for belfry ca desk, and its answers for them; off unless named (docs/enrolment.md)',
    z.string().min(1).optional(),
  ),
  metricsHost: setting(
    'ADDRESS',
    'where /healthz, /readyz and /metrics answer, by plain HTTP and therefore on loopback; a collector here passes it on',
    loopbackAddress.default('127.0.0.1'),
  ),
  metricsPort: setting('PORT', 'TCP port of /healthz, /readyz and /metrics', port.default(9470)),
  mediaAddresses: setting(
    'ADDRESS,…',
    'where media arrives; by default loopback, with --lan the announced addresses as well',
    addressList.default([]),
  ),
  mediaPort: setting(
    'PORT',
    'first UDP and TCP port of media; each further worker takes the next; 0 takes free ones',
    port.default(44_400),
  ),
  mediaDscp: setting(
    'NUMBER',
    'DSCP that media packets are marked with; 34 (AF41) asks for low loss, 0 leaves them unmarked',
    wholeNumber(0, 63).default(34),
  ),
  turnServers: setting(
    'URL,…',
    "the deployment's own TURN server, for clients without a direct way to media; off unless named (docs/turn.md)",
    listOf(turnUrl, MAX_TURN_SERVERS).default([]),
  ),
  turnSecretFile: setting(
    'FILE',
    "holds the secret shared with the TURN server (coturn's static-auth-secret), readable by its owner alone",
    z.string().min(1).optional(),
  ),
  turnOutside: toggle(
    "let --turn-servers be outside of private networks and of this relay's own; never a public one",
  ),
  workers: setting(
    'COUNT',
    'media worker processes; 0 starts one per core',
    wholeNumber(0, MAX_WORKERS).default(0),
  ),
  workerBin: setting(
    'FILE',
    'the media worker; set-up builds one and names it',
    z.string().min(1).optional(),
  ),
  logLevel: setting(
    'LEVEL',
    'error, warn or info',
    z.enum(['error', 'warn', 'info'], { error: 'must be error, warn or info' }).default('info'),
  ),
} as const;

export type SettingName = keyof typeof SETTINGS;
export type Settings = { readonly [Name in SettingName]: z.infer<(typeof SETTINGS)[Name]['schema']> };

export const SETTING_NAMES = Object.keys(SETTINGS) as readonly SettingName[];

const words = (name: SettingName): string[] => name.split(/(?=[A-Z])/).map((word) => word.toLowerCase());
export const flagOf = (name: SettingName): string => words(name).join('-');
export const variableOf = (name: SettingName): string => `BELFRY_${words(name).join('_').toUpperCase()}`;
