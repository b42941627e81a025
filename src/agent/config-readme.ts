import { flagOf, optionSpecs, variablesOf } from './config-options.ts';

const begin = '<!-- options:begin, written by `npm run docs` -->';
const end = '<!-- options:end -->';

/** The README with the table of options between its markers brought up to date. */
export function renderReadme(readme: string): string {
  const [before, rest] = readme.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) {
    throw new Error(`README.md has no ${begin} … ${end}: put the two lines where the table belongs`);
  }
  return `${before}${begin}\n\n${renderOptionTable()}\n\n${end}${after}`;
}

/** Every option as a Markdown table, its columns padded as prettier pads them. */
export function renderOptionTable(): string {
  const rows = optionSpecs.map((spec) => [
    code(`--${flagOf(spec)} ${spec.type.placeholder}`.trimEnd()),
    variablesOf(spec).map(code).join(', '),
    spec.inFile === false ? '' : code(spec.name),
    spec.default === undefined ? (spec.defaultNote ?? '') : code(spec.default),
    spec.source,
    spec.description,
  ]);
  const header = ['flag', 'environment', 'file', 'default', 'why this default', 'what it is'];
  const widths = header.map((_, column) =>
    Math.max(...[header, ...rows].map((row) => row[column]?.length ?? 0)),
  );
  const line = (cells: readonly string[], fill = ' ') =>
    `| ${widths.map((width, column) => (cells[column] ?? '').padEnd(width, fill)).join(' | ')} |`;
  return [line(header), line([], '-'), ...rows.map((row) => line(row))].join('\n');
}

const code = (text: string): string => `\`${text.replaceAll('|', '\\|')}\``;
