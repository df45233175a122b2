import type { Texts } from './texts.ts';

const people = (count: number): string => (count === 1 ? '1 person' : `${count} people`);
const times = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

export const ENGLISH: Texts = {
  language: 'en',
  productName: 'Belfry',
  check: {
    title: 'Ready to join?',
    intro: 'See that the picture and the sound are right. Nothing is sent before you join.',
    name: 'Your name',
    nameHint: 'The others in the meeting see it. The relay does not.',
    camera: 'Camera',
    microphone: 'Microphone',
    cameraOff: 'Camera is off',
    starting: 'Starting the camera and the microphone. The browser may ask whether this page may use them.',
    level: 'Microphone level',
    join: 'Join the meeting',
    joinWithout: 'Join without camera and microphone',
    again: 'Try again',
    unnamedDevice: (number) => `Device ${number}`,
  },
  enrolling: {
    title: 'Enrol this device',
    text: 'This meeting is entered with a certificate that says whose device this is, and this browser keeps none yet. Type the code that you were given for it.',
    code: 'Enrolment code',
    codeHint:
      'Five groups of four letters and digits. It serves once. Capitals, spaces and dashes do not matter.',
    enrol: 'Enrol this device',
    lookingTitle: 'One moment…',
    looking: 'Looking for the certificate of this device.',
    waitingTitle: 'Waiting for the authority…',
    waiting:
      'The request lies at the relay until the authority for people answers it, which mostly takes seconds. Keep this page open: the key that it asked for is only here.',
  },
  joining: {
    title: 'Joining…',
    text: 'Finding the relay and agreeing on keys with the others.',
    slow: 'The relay does not answer yet. Still trying: see that this device is on the meeting’s network.',
    waitingTitle: 'Waiting to be let in…',
    waiting:
      'The chair of the meeting sees that you are here, and decides. Until then you see and hear nothing of the meeting, and it nothing of you.',
    cancel: 'Cancel',
  },
  people: {
    title: 'People',
    close: 'Close the list of people',
    show: 'Show',
    chair: 'chair',
    deputy: 'deputy',
    observer: 'observer',
    hand: (place) => `Hand raised, number ${place}`,
    beside: (names) => `Beside this device: ${names.join(', ')}`,
    confirm: 'Confirm',
    confirmed: 'confirmed by the chair',
    waiting: (count) => `${people(count)} waiting to be let in`,
    admit: 'Let in',
    admitAll: 'Let all in',
    turnAway: 'Turn away',
    orders: 'Change…',
    mute: 'Mute',
    stopCamera: 'Stop camera',
    grant: {
      microphone: 'Let speak',
      camera: 'Let show the camera',
      screen: 'Let share the screen',
    },
    withdraw: {
      microphone: 'Take back the microphone',
      camera: 'Take back the camera',
      screen: 'Take back screen sharing',
    },
    makeObserver: 'Make an observer',
    makeMember: 'Make a member',
    lowerHand: 'Lower hand',
    handOverChair: 'Hand over the chair',
    toLobby: 'Send before the door',
    remove: 'Remove',
    removeForGood: 'Remove for good',
    ownBeside: 'People beside you at this device',
    declare: 'Declare',
    personsHint: 'ids of people',
    ofLeaders: 'For chair and deputies',
    invite: 'Invite people who are not on the list',
    inviteNow: 'Invite',
    allowExport: 'Allow an export of the record',
    ofChair: 'For the whole meeting',
    muteAll: 'Mute all',
    lock: 'Lock the meeting',
    unlock: 'Unlock the meeting',
    meetingTitle: 'What this meeting is called',
    entitle: 'Call it so',
    titleFaults: {
      'too-long':
        'This is too long for one line: letters with accents count twice, others more. Shorten it a little.',
      unshowable: 'This has characters that cannot be shown: type it instead of pasting it.',
    },
    raiseMarking: 'Raise the marking…',
    lowerMarking: 'Lower the marking…',
    end: 'End for all',
    endSurely: 'Press again to end it for everybody',
    saveCheckpoint: 'Save a checkpoint of the record',
    checkpointHelp:
      'What the relay signed of its record so far. Keep it elsewhere: belfry audit verify --checkpoint finds out by it whether the record was changed or cut.',
    chairAway: (chair) => `The chair, ${chair}, is away. You are next.`,
    takeChair: 'Take the chair',
    pending: 'An order waits for a second person',
    agree: 'Agree',
    asks: {
      lowerMarking: (by, level) => `${by} asks to lower the marking to ${level}.`,
      invite: (by, count) => `${by} asks to invite ${people(count)} more.`,
      allowExport: (by) => `${by} asks to allow an export of the record.`,
    },
  },
  meeting: {
    people: (count) => (count === 1 ? 'Only you are here' : `${people(count)} in the meeting`),
    you: (name) => `${name} (you)`,
    alone: 'Nobody else is here yet. The others come in by the same link.',
    reconnecting: 'Reconnecting… The connection to the relay was interrupted. You need not do anything.',
    observing:
      'You are an observer: you see and hear the others, and send nothing until the chair makes you a member.',
    denied: (microphone, camera) =>
      `You may not send ${[microphone && 'sound', camera && 'picture'].filter(Boolean).join(' or ')} yet: in this meeting the chair grants it. Raise your hand to ask.`,
    epoch: {
      code: 'Code of the keys',
      cutOff: 'This device may be cut off from the others',
      untold: 'The meeting went on without this device being told',
      help: 'Read the digits or the words to each other: where they are equal you share the same keys, and nobody else has them. They change whenever somebody comes or goes.',
      number: (number) => `Keys number ${number}`,
      suites: {
        'x-wing': 'X25519 with ML-KEM-768 (X-Wing), against quantum computers too',
        x25519: 'X25519, not against quantum computers',
        'p-384': 'P-384, not against quantum computers',
      },
      compare: 'It is the same with the others',
      compared: 'You compared the code. It need not be read again: what changed since then is below.',
      noChange: 'Nobody came or went since.',
      outdated:
        'The keys changed since you opened this; the code stays while you read it. Only codes of one number can be the same.',
      showNewest: 'Show the newest code',
      change: (number) => `Keys ${number}`,
      joined: (names) => `came: ${names}`,
      left: (names) => `left: ${names}`,
      andOthers: (names, others) => `${names} and ${others} more`,
      older: (count) => `${times(count, 'earlier change', 'earlier changes')} before these`,
    },
    screenOf: (name) => `Screen of ${name}`,
    ownScreen: 'Your screen',
    muted: 'Microphone is off',
    sealed: (verified) =>
      verified === 1 ? 'Sealed end to end · you' : `Sealed end to end · ${verified} people verified`,
    refusedFrames: (count) => `${times(count, 'frame', 'frames')} refused`,
    refusedPeople: (count) => `${people(count)} without proof, not shown`,
    refusedStreams: (count) => `${times(count, 'stream', 'streams')} of nobody here, refused`,
    lockHelp:
      'This device checks it by itself: everybody shown here holds the secret of the meeting’s link, and everything that they send opened with their key. The relay’s word is not used.',
    lockHelpCertified:
      'This device checks it by itself: everybody shown here proved with a certificate of the authority whose device it is, is cleared for the marking of this meeting, is on no list of revocations, and was let in by name or by the chair; everything that they send opened with keys that only those in the meeting have, and that change whenever somebody comes or goes. The relay’s word is not used.',
    marking: 'Marking of this meeting',
  },
  controls: {
    label: 'Meeting controls',
    mute: 'Mute',
    unmute: 'Unmute',
    cameraOff: 'Camera off',
    cameraOn: 'Camera on',
    shareScreen: 'Share screen',
    stopScreen: 'Stop sharing',
    raiseHand: 'Raise hand',
    lowerHand: 'Lower hand',
    people: (count) => `People (${count})`,
    leave: 'Leave',
    key: (key) => `key ${key}`,
    observing: 'observers send nothing',
    notGranted: 'the chair has not granted it to you',
  },
  over: {
    leftTitle: 'You left the meeting',
    leftText: 'The camera and the microphone are off. Close this page, or join again.',
    rejoin: 'Join again',
  },
  notices: { label: 'Messages', close: 'Close this message', known: 'I know this device' },
  code: (code) => `Code for support: ${code}`,
  reference: (reference) => `Reference for who operates the relay: ${reference}`,
  faults: {
    'link.missing': {
      title: 'No meeting in this address',
      text: 'A meeting link goes on after a # sign, and that part is missing here: open the whole link that you were sent, up to its last character.',
    },
    'link.broken': {
      title: 'This link is damaged',
      text: 'Part of what follows the # sign is missing or changed, as happens when a link is broken over two lines: copy the whole link again, or ask for a new one.',
    },
    'context.insecure': {
      title: 'This page did not come over a secure connection',
      text: 'Browsers lend camera and microphone to pages from https addresses only: open the link that starts with https.',
    },
    'browser.too-old': {
      title: 'This browser cannot seal a meeting',
      text: 'It lacks encoded transforms, with which sound and picture are encrypted before they leave the device: use Chrome or Edge 141, Firefox 117, Safari 15.4, or newer.',
    },
    'permission.camera': {
      title: 'The camera is not allowed',
      text: 'The browser or this device refused it to this page: allow the camera in the site settings beside the address, then try again.',
    },
    'permission.microphone': {
      title: 'The microphone is not allowed',
      text: 'The browser or this device refused it to this page: allow the microphone in the site settings beside the address, then try again.',
    },
    'permission.screen': {
      title: 'The screen is not shared',
      text: 'The choice was cancelled, or this device forbids the browser to record the screen: choose again, or allow it in the settings of the system.',
    },
    'no-device.camera': {
      title: 'No camera was found',
      text: 'None is connected, or the system hides it: connect a camera and try again, or join without one.',
    },
    'no-device.microphone': {
      title: 'No microphone was found',
      text: 'None is connected, or the system hides it: connect a microphone and try again, or join to listen only.',
    },
    'no-device.screen': {
      title: 'There is no screen to share',
      text: 'This browser or device cannot share a screen: share it from a computer.',
    },
    'device-busy.camera': {
      title: 'The camera does not start',
      text: 'Another program may be using it: close that program, or choose another camera, then try again.',
    },
    'device-busy.microphone': {
      title: 'The microphone does not start',
      text: 'Another program may be using it: close that program, or choose another microphone, then try again.',
    },
    'device-busy.screen': {
      title: 'The screen cannot be recorded',
      text: 'The system gave no picture of it: choose another window or screen.',
    },
    'unplugged.camera': {
      title: 'The camera is gone',
      text: 'It was unplugged or taken by the system, so the others do not see you: connect it again, then press “Camera on”.',
    },
    'unplugged.microphone': {
      title: 'The microphone is gone',
      text: 'It was unplugged or taken by the system, so the others do not hear you: connect it again, then press “Unmute”.',
    },
    'relay.unreachable': {
      title: 'The relay does not answer',
      text: 'It may be off, or this device may be on another network: see that you are on the meeting’s network, then try again.',
    },
    'relay.lost': {
      title: 'The connection was lost',
      text: 'The relay could not be reached again for two minutes: see that you are on the meeting’s network, then join again.',
    },
    'relay.stopping': {
      title: 'The relay is shutting down',
      text: 'Whoever runs it stopped or restarted it: wait for a new link, or ask for one.',
    },
    'relay.version': {
      title: 'This page and the relay do not understand each other',
      text: 'One of them is of another version: load the page again, and tell whoever runs the relay if that does not help.',
    },
    'enrolment.code': {
      title: 'The code was not accepted',
      text: 'It was mistyped, was used by another device, or has ended: compare it with what you were given, or ask the authority for a new one.',
    },
    'enrolment.no-mailbox': {
      title: 'Devices are not enrolled at this relay',
      text: 'It passes no requests on to the authority: ask whoever invited you where devices are enrolled.',
    },
    'enrolment.busy': {
      title: 'Too many devices ask at once',
      text: 'The relay takes in no more requests for now: wait a minute, then try again with the same code.',
    },
    'enrolment.late': {
      title: 'The authority has not answered yet',
      text: 'It may answer only at certain hours: keep this page open and try again later with the same code, which is not used up.',
    },
    'enrolment.other-root': {
      title: 'Another authority answered than the one of your invitation',
      text: 'Nothing of its answer was used, because the relay or your link may be forged: tell whoever invited you, by another way than this page.',
    },
    'enrolment.answer': {
      title: 'The answer is not what the authority signed',
      text: 'Part of it was exchanged or damaged on its way: see that this device has the right time, then tell whoever runs the relay.',
    },
    'enrolment.too-often': {
      title: 'This device asked too often',
      text: 'It was given as many certificates as a device is given in a day. Try again tomorrow. If that was not you, somebody else may have this device’s key: tell the authority.',
    },
    'enrolment.not-renewed': {
      title: 'The certificate of this device was not renewed',
      text: 'Mostly that is because the device was revoked, though a relay can say so without being told: ask the authority, which can give you a code to enrol again.',
    },
    'device.over': {
      title: 'The certificate of this device has ended',
      text: 'It lasts thirty days and was not renewed in time: ask the authority for a new code, with which this device is enrolled again.',
    },
    'device.revoked': {
      title: 'This device was revoked',
      text: 'The authority took back its certificate, so it may be in no meeting any more: if you did not expect that, ask the authority, which can give you a code to enrol again.',
    },
    'device.no-place': {
      title: 'This browser keeps nothing for this page',
      text: 'The key of a device must last, and a private window or a setting forbids that: open the link in a normal window, or allow the site to keep data.',
    },
    'device.new': {
      title: 'You have a device that this one did not know of',
      text: 'If you did not enrol it yourself, somebody used a code in your name: tell the authority at once, which can revoke it.',
    },
    'clearance.missing': {
      title: 'You have no clearance yet',
      text: 'The authority knows this device but has not cleared you, without which no meeting is entered: ask it for your clearance, then try again.',
    },
    'clearance.too-low': {
      title: 'Your clearance does not cover this meeting',
      text: 'It has ended, was taken back, or is below the marking or outside the groups of the meeting: ask the authority, or whoever convened it.',
    },
    'admission.refused': {
      title: 'You were not admitted',
      text: 'The relay says to nobody why: the meeting may be over, not be meant for you, or ask for a higher clearance. Ask whoever convened it, with the reference below.',
    },
    'charter.other': {
      title: 'This is not the meeting of your link',
      text: 'The relay showed a charter other than the one that was agreed, so nothing was sent: compare the link with whoever convened the meeting.',
    },
    'device.missing': {
      title: 'This meeting asks for an enrolled device',
      text: 'It is entered with a certificate, and this device has none here: open the link again, and type the code that you were given.',
    },
    'device.not-admitted': {
      title: 'This device may not be in the meeting',
      text: 'Its certificate or your clearance has ended, was withdrawn, or does not suffice for this meeting: ask whoever manages devices and clearances.',
    },
    'relay.not-believed': {
      title: 'This device does not believe the relay',
      text: 'The charter of the meeting or another proof does not hold, so the meeting was left: see that this device has the right time, then tell whoever invited you.',
    },
    'list.not-current': {
      title: 'Nobody knows who may still be in the meeting',
      text: 'The list of withdrawn devices is missing, too old, or not genuine, so the meeting was left: try again, and tell whoever runs the relay if that does not help.',
    },
    'list.not-renewed': {
      title: 'The list of withdrawn devices could not be renewed',
      text: 'The meeting goes on by the list of before until that ends: tell whoever runs the relay if this comes back.',
    },
    'person.not-admitted': {
      title: 'Somebody is not admitted to the meeting',
      text: 'A certificate or clearance has ended, was withdrawn, or does not suffice, so this device neither shows nor hears that person: ask the chair if you miss somebody.',
    },
    'proof.refused': {
      title: 'Something that the relay passed on was refused',
      text: 'A proof does not hold, so nobody was let in by it: tell whoever runs the relay if this comes back.',
    },
    'order.refused': {
      title: 'That was not carried out',
      text: 'The rules of the meeting did not allow it at that moment, mostly because something changed meanwhile: look at the list of people, then try again.',
    },
    'conduct.muted': {
      title: 'The chair muted you',
      text: 'The others do not hear you: press “Unmute” when you want to speak.',
    },
    'conduct.stopped': {
      title: 'The chair stopped something of yours',
      text: 'It is not sent any more: turn it on again if you still may, or raise your hand.',
    },
    'conduct.chair': {
      title: 'You are the chair now',
      text: 'You let people in, and order what there is to order: open the list of people.',
    },
    'device.replacing': {
      title: 'Your other device leaves the meeting',
      text: 'You came in with this one, and one device of a person is in a meeting at a time. If the other one is not yours, tell the authority at once.',
    },
    'device.replaced': {
      title: 'You are in the meeting with another device',
      text: 'One device of a person is in a meeting at a time, and the other one came later: go on there, or join again here. If it is not yours, tell the authority at once.',
    },
    'conduct.granted': {
      title: 'The chair lets you send more',
      text: 'Nothing was turned on by that: press the button below when you want to.',
    },
    'media.not-granted': {
      title: 'You may not send that in this meeting',
      text: 'The chair has not granted it to you: raise your hand, or ask the chair.',
    },
    'meeting.full': {
      title: 'The meeting is full',
      text: 'As many people as it takes are in it: wait until somebody leaves, then try again.',
    },
    'meeting.ended': {
      title: 'The meeting has ended',
      text: 'It was ended for everybody: close this page, or ask for a new link to meet again.',
    },
    'group.no-epoch': {
      title: 'The others’ devices did not give this one the keys of the meeting',
      text: 'Without them nothing can be sent or opened: join again; if that fails, tell the chair, because the relay may keep the devices apart.',
    },
    'group.doubtful': {
      title: 'The relay or a device tried to change the keys of the meeting in a way that does not hold',
      text: 'This device refused it and puts itself right: compare the code of the keys with the others, and tell the chair if it differs.',
    },
    'group.held-back': {
      title: 'Nothing is sent while somebody who may no longer be here still has keys',
      text: 'It goes on by itself once the others’ devices changed the keys: if it does not in a minute, join again and tell the chair.',
    },
    'group.cut-off': {
      title: 'Nothing is sent: this device has heard nothing of who leads the meeting for a minute',
      text: 'The relay may keep it apart, and somebody may have been removed meanwhile. It goes on by itself once the chair’s device is heard again: ask the others on another way, or join again.',
    },
    'group.untold': {
      title: 'Nothing is sent: the meeting went on without this device being told',
      text: 'The relay keeps back what was ordered: marking, chair and who may speak may be others than this page shows. It goes on by itself once the device is told: ask the others on another way, or join again.',
    },
    'group.old-keys': {
      title: 'The keys of the meeting have not changed for more than an hour',
      text: 'The relay should have them changed each hour, and does not, or no device answers it. The meeting stays sealed to those who are in it: tell whoever runs the relay.',
    },
    'media.no-path': {
      title: 'Sound and picture find no way to the relay',
      text: 'The network lets the page through but not the media: try another network, or ask whoever runs it to open the relay’s media port.',
    },
    'media.unsealed': {
      title: 'Something of yours is not sent any more',
      text: 'It could not be sealed, so it was stopped before anything left this device: turn it on again; if that fails, load the page again.',
    },
    'media.sealing-over': {
      title: 'This page can no longer seal or open what is sent',
      text: 'The part of it that holds the keys has ended, so nothing was sent or shown any more: join again.',
    },
    'media.seen-in-clear': {
      title: 'The relay says that it could read something of yours, and stopped it',
      text: 'That must never happen: leave the meeting, update the browser, and tell whoever runs the relay.',
    },
    'media.wrong-sender': {
      title: 'The relay stopped something of yours: it did not carry the number of this device',
      text: 'Either it was not sealed or it came from somebody else, and the relay cannot tell which: join again; if it comes back, update the browser, and tell whoever runs the relay.',
    },
    unexpected: {
      title: 'Something unexpected went wrong',
      text: 'The page did not foresee it: load the page again, and pass on the code below if it comes back.',
    },
  },
};
