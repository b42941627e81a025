import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { renderOptionTable, renderReadme } from '../../../src/agent/config-readme.ts';

const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');

describe('the README', () => {
  it('holds the table of options as it is now (else: npm run docs)', () => {
    expect(renderReadme(readme)).toBe(readme);
  });

  it('is refused without its markers', () => {
    expect(() => renderReadme('# plegd\n')).toThrow('README.md has no <!-- options:begin');
  });
});

describe('the table of options', () => {
  it('gives flag, variables, key, default, source and meaning', () => {
    const row = renderOptionTable()
      .split('\n')
      .find((line) => line.includes('--relist-period'))
      ?.split('|')
      .map((cell) => cell.trim());
    expect(row).toEqual([
      '',
      '`--relist-period DURATION`',
      '`PLEGD_RELIST_PERIOD`',
      '`relistPeriod`',
      '`1s`',
      'kubelet genericPlegRelistPeriod',
      'From the end of a relist to the next, in mode generic.',
      '',
    ]);
  });

  it('has lines of one length and no bare bar in a cell', () => {
    const lines = renderOptionTable().split('\n');
    expect(new Set(lines.map((line) => line.length)).size).toBe(1);
    expect(new Set(lines.map((line) => line.split(/(?<!\\)\|/).length))).toEqual(new Set([8]));
  });
});
