import type { RequestOf } from '../protocol/messages.ts';
import type { Step } from './effects.ts';
import { end } from './end.ts';
import { enter, entered } from './enter.ts';
import { toGroup } from './group.ts';
import type { Caller, MeetingInput, MeetingRequest, MeetingRequestKind } from './inputs.ts';
import { expelled, leave, replaced, sentBack, sessionEnded } from './leave.ts';
import { mediaEvent, toMedia } from './media.ts';
import type { Meeting } from './state.ts';
import { checkpointed, listPublished } from './told.ts';

type RequestHandlers = {
  readonly [Kind in MeetingRequestKind]: (meeting: Meeting, from: Caller, request: RequestOf<Kind>) => Step;
};

const REQUEST_HANDLERS: RequestHandlers = {
  enter,
  group: toGroup,
  leave,
  'create-transport': toMedia,
  'connect-transport': toMedia,
  'restart-ice': toMedia,
  produce: toMedia,
  'pause-producer': toMedia,
  'resume-producer': toMedia,
  'close-producer': toMedia,
  receive: toMedia,
  'resume-consumer': toMedia,
  'pause-consumer': toMedia,
  'prefer-layers': toMedia,
  'request-key-frame': toMedia,
};

type InputOf<Kind extends MeetingInput['kind']> = Extract<MeetingInput, { kind: Kind }>;
type InputHandlers = {
  readonly [Kind in MeetingInput['kind']]: (meeting: Meeting, input: InputOf<Kind>) => Step;
};

const request = (meeting: Meeting, input: InputOf<'request'>): Step =>
  // The table's type pairs each kind with its own request; a lookup by a union cannot show that to the compiler.
  (REQUEST_HANDLERS[input.request.kind] as (meeting: Meeting, from: Caller, request: MeetingRequest) => Step)(
    meeting,
    input.from,
    input.request,
  );

const INPUT_HANDLERS: InputHandlers = {
  request,
  entered,
  'session-ended': sessionEnded,
  'media-event': mediaEvent,
  expelled,
  replaced,
  'sent-back': sentBack,
  'list-published': listPublished,
  checkpoint: checkpointed,
  end,
};

/** The whole meeting as a function: what it becomes, and what it wants done. */
export const advance = (meeting: Meeting, input: MeetingInput): Step =>
  (INPUT_HANDLERS[input.kind] as (meeting: Meeting, input: MeetingInput) => Step)(meeting, input);
