import type { DatabaseSync } from 'node:sqlite';

/** All that `work` writes or nothing: nothing where it throws, or where `isKept` says no of its answer. */
export const transact = <T>(
  db: DatabaseSync,
  work: () => T,
  isKept: (answer: T) => boolean = () => true,
): T => {
  db.exec('BEGIN IMMEDIATE');
  try {
    const answer = work();
    db.exec(isKept(answer) ? 'COMMIT' : 'ROLLBACK');
    return answer;
  } catch (error) {
    // Some errors have ended it already (sqlite.org/lang_transaction.html).
    if (db.isTransaction) db.exec('ROLLBACK');
    throw error;
  }
};
