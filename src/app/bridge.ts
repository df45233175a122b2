import { asId, type MeetingId, type RoomId } from '../base/ids.ts';
import type { Rooms } from '../sfu/room/rooms.ts';
import type { MediaPlane } from '../signaling/ports.ts';

/** One room per meeting, under the same text; several rooms of one meeting would be decided here. */
const roomOf = (meeting: MeetingId): RoomId => asId<RoomId>(meeting);
const meetingOf = (room: RoomId): MeetingId => asId<MeetingId>(room);

/** What signaling asks of media, and what media tells back: the only place where a meeting meets its room. */
export const createBridge = (rooms: Rooms): MediaPlane => ({
  openRoom: (meeting) => rooms.openRoom(roomOf(meeting)),
  closeRoom: (meeting) => rooms.closeRoom(roomOf(meeting)),
  enter: (meeting, participant, senderNumber) => rooms.enter(roomOf(meeting), participant, senderNumber),
  expectSenders: (meeting, numbers) => rooms.expectSenders(roomOf(meeting), numbers),
  leave: (meeting, participant) => rooms.leave(roomOf(meeting), participant),
  request: (meeting, participant, request) => rooms.request(roomOf(meeting), participant, request),
  mute: (meeting, participant) => rooms.mute(roomOf(meeting), participant),
  stop: (meeting, participant, sources) => rooms.stop(roomOf(meeting), participant, sources),
  sourceOf: (meeting, participant, producer) => rooms.sourceOf(roomOf(meeting), participant, producer),
  onEvent: (listener) => rooms.onEvent((room, to, event) => listener(meetingOf(room), to, event)),
});
