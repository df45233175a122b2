/** Bounds of one room. Higher serves larger meetings, but what one room may take, all others on its worker lose. */

/** A diff of layouts visits every pair of participants: at 500 it costs milliseconds, at 2,000 a tenth of a second. */
export const MAX_PARTICIPANTS = 500;

/**
 * A worker serves about 500 consumers well; ten times that is no working room any more. Admission by capacity decides
 * long before: this bound only keeps a mistake there from taking the process along.
 */
export const MAX_CONSUMERS = 5_000;

/** A client waits for most of its answers; a burst at a join has about ten open. More lets one client fill the worker's queue. */
export const MAX_OPEN_REQUESTS = 64;

/** Simulcast has three sizes; more layers cost the sender without a receiver that could use them. */
export const MAX_ENCODINGS = 3;

/** Waiting `openRoom` calls of one room: as many as may enter it. */
export const MAX_OPENERS = 500;

/** Rooms in one process. A router costs a worker a few hundred kilobytes; more rooms want more nodes. */
export const MAX_ROOMS = 2_000;

/**
 * A consumer that the engine did not make in time is asked for again after this. Sooner presses a worker that is
 * overloaded already, later leaves somebody longer without a voice or picture.
 */
export const CONSUME_RETRY_MS = 5_000;

/**
 * How long nobody must need a layer before its sender is told to rest it. Shorter saves the sender more work; longer keeps
 * layers there for people who come, turn a page or resize, and who would else wait for a layer to start anew.
 */
export const LAYER_REST_MS = 5_000;

/**
 * Tries to reopen a room after its worker died, before the room is given up. A worker restarts within a second;
 * six tries wait 6.2 s in all between them. Fewer end meetings that would have recovered, more leave people in silence.
 */
export const MAX_REOPEN_FAILURES = 6;
/** Doubles with each failure: short, as the usual failure is a worker that is just starting. */
export const FIRST_REOPEN_DELAY_MS = 200;
