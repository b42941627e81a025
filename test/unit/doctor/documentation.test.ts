import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { catalogue } from '../../../src/doctor/catalogue.ts';

it('docs/doctor.md lists the catalogue as it is', () => {
  const rows = readFileSync('docs/doctor.md', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|').map((cell) => cell.trim()))
    .map(([, id, severity, title, issues]) => ({ id, severity, title, issues }));
  expect(rows).toEqual(
    catalogue.map(({ id, severity, title, issues }) => ({
      id: `\`${id}\``,
      severity,
      title,
      issues: issues.join(', '),
    })),
  );
});
