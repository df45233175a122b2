import { clear as clearPerson } from '../../../src/app/people/clearances.ts';
import { enroll as enrollPerson, sign as signRequest } from '../../../src/app/people/enrolment.ts';
import { belgianScalePath, handOut, readInput } from '../../../src/app/people/handing-out.ts';
import { initPeople } from '../../../src/app/people/init.ts';
import { type Published, renewList, revokeId } from '../../../src/app/people/lists.ts';
import { hereAndNow } from '../../../src/app/people/surroundings.ts';
import { asId } from '../../../src/base/ids.ts';
import { newPersonId, type PersonId } from '../../../src/trust/devices/ids.ts';
import { wordsOf } from '../../../src/trust/hosts/fingerprint.ts';
import { type Command, EXIT, listOf, textOf, UsageError } from '../../command-line.ts';
import { dayOf, minuteOf } from '../../dates.ts';
import { FOLDER_FLAG, folderOf, idOf } from './people-flags.ts';

const folder = FOLDER_FLAG;

const printList = ({ list, path }: Published): void => {
  console.log(`List:     ${path}`);
  console.log(`          number ${list.number}, until ${minuteOf(list.untilUnixMs)}; hand it to the relay`);
};

export const init: Command = {
  name: 'init',
  summary: 'make the authority for people, on another host than the relay',
  description: `Makes the authority that says whose devices are whose and who is cleared for what: its keys, its scale of markings,
its register and its first list of revocations. One that was interrupted is finished by the same command.
Keep the folder on a host that the relay cannot reach, and a copy of it elsewhere.`,
  flags: {
    folder,
    scale: {
      placeholder: 'FILE',
      help: 'scale of markings and groups; by default the Belgian one, without groups',
    },
  },
  async run(flags) {
    const at = hereAndNow(folderOf(flags));
    const path = textOf(flags, 'scale') ?? belgianScalePath();
    const { root } = await initPeople(at, { path, text: await readInput(path) });
    console.log(`Made the authority for people in ${at.folder}`);
    console.log(`Words:    ${wordsOf(root.sha256)}`);
    console.log('Next: belfry ca root --people --out FILE for clients and relay, then belfry ca enroll');
    console.log(
      'The list of revocations lasts a week: belfry ca revoke --renew, each day, keeps meetings open',
    );
    return EXIT.done;
  },
};

export const enroll: Command = {
  name: 'enroll',
  summary: 'print a one-time code with which one device of a person may ask for a certificate',
  description: `Prints a code for one device of one person. The device asks with it for its first certificate, within three days;
later ones it asks for without. Give the code to that person alone, and not on the way that the request takes.
People go by pseudonyms; write down elsewhere whose is whose.`,
  flags: {
    folder,
    person: { placeholder: 'ID', help: 'who it is; by default a new person, whose id is printed' },
  },
  async run(flags) {
    const at = hereAndNow(folderOf(flags));
    const named = textOf(flags, 'person');
    const wanted =
      named === undefined ? newPersonId(at.randomBytes) : asId<PersonId>(idOf(named, 'ca enroll'));
    const { person, code, untilUnixMs } = await enrollPerson(at, wanted);
    console.log(`Person:   ${person}`);
    console.log(`Code:     ${code}`);
    console.log(`          for one device, until ${minuteOf(untilUnixMs)}`);
    return EXIT.done;
  },
};

export const sign: Command = {
  name: 'sign',
  summary: "answer a device's request with a certificate",
  description: `Checks the request of a device, which it made with a one-time code, or without one where it has a certificate
already, and writes a certificate of at most 30 days. The same request may be signed again: it is the same device.`,
  operand: { placeholder: 'REQUEST.json' },
  flags: {
    folder,
    out: { placeholder: 'FILE', help: 'where the certificate goes; by default beside the request, as .pem' },
  },
  async run(flags, operand = '') {
    const at = hereAndNow(folderOf(flags));
    const issued = await signRequest(at, await readInput(operand));
    const out = textOf(flags, 'out') ?? `${operand.replace(/\.json$/, '')}.pem`;
    await handOut(out, issued.certificate, at.randomBytes);
    console.log(`Person:   ${issued.person}`);
    console.log(`Device:   ${issued.device}${issued.isRenewed ? ', renewed' : ''}`);
    console.log(`File:     ${out}`);
    console.log(`          until ${minuteOf(issued.untilUnixMs)}`);
    return EXIT.done;
  },
};

export const revoke: Command = {
  name: 'revoke',
  summary: 'take back a device or a person; --renew: sign the list anew before it expires',
  description: `Writes a new list of revocations, which lasts a week. A device or person that is in it stays in it: who is to come
back is enrolled anew. Nobody enters a meeting by a list that has expired, so renew it every day.`,
  operand: { placeholder: 'DEVICE|PERSON', isOptional: true },
  flags: { folder, renew: { help: 'revoke nobody; the same list with a new number and a new end' } },
  async run(flags, operand) {
    if ((operand === undefined) !== (flags.renew === true))
      throw new UsageError('ca revoke', 'give the id of a device or person, or --renew');
    const at = hereAndNow(folderOf(flags));
    printList(operand === undefined ? await renewList(at) : await revokeId(at, idOf(operand, 'ca revoke')));
    return EXIT.done;
  },
};

export const clear: Command = {
  name: 'clear',
  summary: 'sign what a person is cleared for',
  description: `Signs a clearance of half a year for a person who was enrolled. What the person was cleared for before is taken back,
with a new list of revocations. Levels and groups are those of scale.json in the authority's folder.`,
  operand: { placeholder: 'PERSON' },
  flags: {
    folder,
    level: { placeholder: 'LEVEL', help: 'the highest level, by its id in the scale; must be given' },
    group: {
      placeholder: 'GROUP',
      help: 'a group with a need to know; may be given several times',
      repeats: true,
    },
    out: { placeholder: 'FILE', help: 'where the clearance goes; by default PERSON.clearance.json' },
  },
  async run(flags, operand = '') {
    const level = textOf(flags, 'level');
    if (level === undefined) throw new UsageError('ca clear', '--level is missing');
    const person = asId<PersonId>(idOf(operand, 'ca clear'));
    const at = hereAndNow(folderOf(flags));
    const cleared = await clearPerson(at, { person, level, groups: listOf(flags, 'group') });
    const out = textOf(flags, 'out') ?? `${person}.clearance.json`;
    await handOut(out, `${JSON.stringify(cleared.vouched)}\n`, at.randomBytes);
    console.log(`Person:   ${person}`);
    console.log(`Cleared:  ${cleared.marking}`);
    console.log(`File:     ${out}`);
    console.log(`          until ${dayOf(cleared.untilUnixMs)}`);
    if (cleared.published !== undefined) printList(cleared.published);
    return EXIT.done;
  },
};
