import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { createMachine, type AnyStateMachine } from 'xstate';
import { chartOf, type ChartState } from '../../../src/diagram/chart.ts';
import { renderDiagrams } from '../../../src/diagram/diagrams.ts';
import { machineJson } from '../../../src/diagram/machine-json.ts';
import { machineNames, machines } from '../../../src/diagram/machines.ts';

const root = new URL('../../../', import.meta.url);
const style = readFileSync(new URL('src/page/chart.css', root), 'utf8');
const files = await renderDiagrams(style);

const pathsOf = (machine: AnyStateMachine): string[] => {
  const visit = ({ path, children }: ChartState): string[] => [path, ...children.flatMap(visit)];
  return chartOf(machine).states.flatMap(visit);
};

describe('docs/machines', () => {
  it('holds the machines as they are now (else: npm run docs)', () => {
    const folder = new URL('docs/machines/', root);
    const found = readdirSync(folder).map((name) => [name, readFileSync(new URL(name, folder), 'utf8')]);
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(files));
  });
});

it('the same machines give the same pictures', async () => {
  expect(Object.fromEntries(await renderDiagrams(style))).toEqual(Object.fromEntries(files));
});

describe.each(machineNames)('the diagrams of %s', (name) => {
  const machine = machines[name];
  const svg = files.get(`${name}.svg`) ?? '';

  it('show every state, each under its path', () => {
    const drawn = [...svg.matchAll(/class="state [^"]*" data-state="([^"]+)"/g)].map(([, path]) => path);
    expect(new Set(drawn)).toEqual(new Set(pathsOf(machine)));
    expect(drawn).toHaveLength(pathsOf(machine).length);
  });

  it('show every move, with lines that keep to the picture', () => {
    const { moves } = chartOf(machine);
    const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg) ?? [];
    const lines = [
      ...svg.matchAll(/<g class="move" data-source="([^"]*)" data-target="([^"]*)"><path d="([^"]*)"/g),
    ];
    const drawn = lines.map(([, source, target]) => `${source} → ${target}`);
    expect(drawn).toEqual(expect.arrayContaining(moves.map(({ source, target }) => `${source} → ${target}`)));
    for (const [, , , path] of lines) {
      const [x = [], y = []] = [0, 1].map((odd) =>
        [...(path ?? '').matchAll(/-?[\d.]+/g)].map(Number).filter((_, index) => index % 2 === odd),
      );
      expect(Math.min(...x, ...y)).toBeGreaterThanOrEqual(0);
      expect(Math.max(...x)).toBeLessThanOrEqual(Number(width));
      expect(Math.max(...y)).toBeLessThanOrEqual(Number(height));
    }
  });

  it('take nothing from elsewhere', () => {
    expect(svg).not.toMatch(
      /@import|<script|url\((?!#)|href=|<image|https?:(?!\/\/www\.w3\.org\/2000\/svg")/,
    );
  });

  it('name only states of Mermaid that Mermaid knows', () => {
    const mermaid = files.get(`${name}.mmd`) ?? '';
    const known = new Set([...mermaid.matchAll(/^\s*state "[^"]+" as (\w+)/gm)].map(([, id]) => id));
    const used = [...mermaid.matchAll(/^\s*(\S+) --> (\S+)/gm)].flatMap(([, from, to]) => [from, to]);
    expect(used.filter((id) => id !== '[*]' && !known.has(id))).toEqual([]);
    expect(known.size).toBe(pathsOf(machine).length);
  });

  it('are, as JSON, a machine that XState reads with the same states', () => {
    const read = createMachine(JSON.parse(machineJson(machine)) as Parameters<typeof createMachine>[0]);
    expect(pathsOf(read)).toEqual(pathsOf(machine));
    expect(chartOf(read).moves).toEqual(chartOf(machine).moves);
  });
});
