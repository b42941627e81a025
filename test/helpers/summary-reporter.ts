import type { Reporter, TestCase, TestModule, TestSuite } from 'vitest/node';
import type { LeftOut } from './requirements.ts';

/**
 * Ends a run with what it left out and how to get it, then `N passed, N failed` as the very last line.
 *
 * A hook, file or promise that fails outside of any test counts as one failed. With `PLEGD_REQUIRE_ALL=1`
 * every test that did not run counts as failed too, and so does the run.
 */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const requireAll = process.env['PLEGD_REQUIRE_ALL'] === '1';
    const summary = summarize(modules);
    for (const line of summary.leftOut) process.stdout.write(`${line}\n`);

    const notRun = requireAll ? summary.notRun : 0;
    if (notRun > 0) process.exitCode = 1;
    process.stdout.write(
      `${summary.passed} passed, ${summary.failed + unhandledErrors.length + notRun} failed\n`,
    );
  }
}

interface Summary {
  readonly passed: number;
  readonly failed: number;
  readonly notRun: number;
  /** One line for each reason why tests did not run. */
  readonly leftOut: readonly string[];
}

const summarize = (modules: readonly TestModule[]): Summary => {
  const tests = modules.flatMap((module) => [...module.children.allTests()]);
  const groups: (TestModule | TestSuite)[] = modules.flatMap((module) => [
    module,
    ...module.children.allSuites(),
  ]);
  const notRun = tests.filter((test) => !['passed', 'failed'].includes(test.result().state));
  return {
    passed: tests.filter((test) => test.result().state === 'passed').length,
    failed:
      tests.filter((test) => test.result().state === 'failed').length +
      groups.filter((group) => group.errors().length > 0).length,
    notRun: notRun.length,
    leftOut: describeLeftOut(notRun),
  };
};

const describeLeftOut = (tests: readonly TestCase[]): string[] => {
  const byReason = new Map<string, { names: Set<string>; count: number }>();
  for (const test of tests) {
    const { name, reason } = whyNotRun(test);
    const entry = byReason.get(reason) ?? { names: new Set(), count: 0 };
    entry.names.add(name);
    entry.count += 1;
    byReason.set(reason, entry);
  }
  return [...byReason].map(
    ([reason, { names, count }]) => `left out: ${[...names].join(', ')}: ${count} tests ${reason}`,
  );
};

const whyNotRun = (test: TestCase): { readonly name: string; readonly reason: string } => {
  const { leftOut }: { leftOut?: LeftOut } = test.meta();
  if (leftOut !== undefined) {
    return { name: leftOut.needs, reason: `not run, ${leftOut.reason} (enable: ${leftOut.enable})` };
  }
  for (let group = test.parent; ; group = group.parent) {
    const name = group.type === 'module' ? group.relativeModuleId : group.fullName;
    if (group.errors().length > 0) return { name, reason: 'not run, a hook of theirs failed' };
    if (group.type === 'module') return { name: test.fullName, reason: 'skipped' };
  }
};
