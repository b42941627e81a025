import { type Command, Option } from 'commander';
import { flagOf, type OptionSpec } from '../agent/config-options.ts';

/** Gives a command the flags of these options; what they hold is read by `resolveConfig`. */
export function addConfigFlags(command: Command, specs: readonly OptionSpec<unknown>[]): void {
  for (const spec of specs) {
    const { placeholder, isSwitch } = spec.type;
    const usual = spec.default ?? spec.defaultNote;
    const flag = `--${flagOf(spec)}${isSwitch ? '' : ` <${placeholder}>`}`;
    const option = new Option(flag, `${spec.description} (default: ${usual})`);
    command.addOption(isSwitch ? option.preset('true') : option);
  }
}
