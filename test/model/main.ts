import { keepCounterexample } from './check/counterexample.ts';
import { summaryOf } from './check/run.ts';
import { nightlyRuns, runs } from './runs.ts';

// `npm run model`: explores every world and says what holds; `-- --nightly` explores larger ones, for hours.
const isNightly = process.argv.includes('--nightly');
let stateCount = 0;
let transitionCount = 0;
let failureCount = 0;
for (const run of isNightly ? nightlyRuns : runs) {
  console.log(`\n${run.name}: ${run.covers}`);
  const result = await run.start();
  stateCount += result.stateCount;
  transitionCount += result.transitionCount;
  const { counterexample } = result;
  if (counterexample) failureCount += 1;
  for (const property of run.properties) {
    console.log(
      `  ${counterexample?.property === property ? 'BROKEN' : counterexample ? 'unknown' : 'holds '}  ${property}`,
    );
  }
  console.log(`  ${summaryOf(run, result)}`);
  if (counterexample) console.log(keepCounterexample(counterexample));
}
console.log(
  `\n${stateCount} states, ${transitionCount} transitions, ${failureCount} worlds with a counterexample`,
);
process.exitCode = failureCount === 0 ? 0 : 1;
