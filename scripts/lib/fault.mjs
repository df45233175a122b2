/** An expected failure of set-up: what happened, why, and what to do about it. Printed without a stack. */
export class SetupFault extends Error {
  /**
   * @param {string} what what happened, one line
   * @param {{why?: string, todo?: string}} [detail] may span lines
   */
  constructor(what, detail = {}) {
    super(what);
    this.name = 'SetupFault';
    this.detail = detail;
  }

  /** @returns {string} the text for a person at a terminal */
  report() {
    const { why, todo } = this.detail;
    return [`Failed: ${this.message}`, why && `Why:    ${indent(why)}`, todo && `To do:  ${indent(todo)}`]
      .filter(Boolean)
      .join('\n');
  }
}

/** @param {string} text */
function indent(text) {
  return text.replaceAll('\n', '\n        ');
}

/**
 * Runs a command-line entry point: a SetupFault is printed as text, anything else with its stack; both exit with 1.
 * @param {() => Promise<void>} main
 */
export async function runMain(main) {
  try {
    await main();
  } catch (error) {
    console.error(error instanceof SetupFault ? error.report() : error);
    process.exitCode = 1;
  }
}
