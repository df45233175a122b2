import { STATUS, type Status } from '../order.ts';
import { readScenario, shippedNames } from '../scenario/files.ts';
import { inForm } from '../scenario/plan.ts';
import { FORMS, type Scenario } from '../scenario/schema.ts';

const sizeOf = (scenario: Scenario): string =>
  FORMS.map((name) => {
    const { people, seconds } = inForm(scenario, name);
    return `${name} ${people.reduce((sum, { count }) => sum + count, 0)} people, ${seconds} s`;
  }).join('; ');

export const list = (): Status => {
  for (const name of shippedNames()) {
    const scenario = readScenario(name);
    if (!scenario.ok) console.log(`${name.padEnd(14)} ${scenario.refusal.message}`);
    else
      console.log(`${name.padEnd(14)} ${scenario.value.about}\n${' '.repeat(15)}${sizeOf(scenario.value)}`);
  }
  return STATUS.passed;
};
