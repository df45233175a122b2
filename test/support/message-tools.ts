import type { JoinAgreement, LeafOwner } from '../../src/client/group/tools.ts';
import { nodeMlsCrypto } from '../../src/e2ee/mls/crypto/node.ts';
import { AgreementDesk } from '../../src/e2ee/mls/worker/desk.ts';
import type { AskMessage } from '../../src/e2ee/mls/worker/messages.ts';
import { remoteAgreement } from '../../src/e2ee/mls/worker/remote.ts';

/** A worker's desk at the other end of a channel: everything is cloned on its way, as between two threads. */
export const agreementByMessages = async ({
  suite,
  certificates,
  signing,
  publicKey,
}: LeafOwner): Promise<JoinAgreement> => {
  const { port1, port2 } = new MessageChannel();
  const desk = new AgreementDesk({ crypto: nodeMlsCrypto, clock: { unixMs: Date.now } });
  port2.addEventListener('message', ({ data }) => {
    void desk.answer(data as AskMessage).then((answer) => port2.postMessage(answer));
  });
  for (const port of [port1, port2]) port.start();
  const owner = { suite, certificates, privateKey: signing.privateKey, publicKey };
  const { agreement, fail } = await remoteAgreement(port1, owner);
  const end = () => {
    fail();
    port1.close();
  };
  return { agreement, end };
};
