import { spawnSync } from 'node:child_process';

/** Of `unshare`: what is mounted is seen by nobody else, and ends with the program. */
export const OWN_MOUNTS = ['--mount', '--map-root-user'];

/** Why a test that mounts something is left out; `false` where it is not. */
export const CANNOT_MOUNT = spawnSync('unshare', [...OWN_MOUNTS, 'true']).status !== 0 && 'needs unshare';
