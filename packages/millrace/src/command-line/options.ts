import { InvalidArgumentError, Option } from 'commander';

/** For an option that may be given several times. */
export function repeat(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

/** For an option that takes a whole number of `least` or more. */
export function whole(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text !== '' && Number.isSafeInteger(value) && value >= least) return value;
    throw new InvalidArgumentError(`It must be a whole number of ${least} or more.`);
  };
}

export function outputOption(): Option {
  return new Option('-o, --output <form>', 'form of the result').choices(['text', 'json']).default('text');
}

export function configOption(description: string): Option {
  return new Option('-c, --config <source>', description).argParser(repeat).default([], 'none');
}

export function setOption(description: string): Option {
  return new Option('-s, --set <key=value>', description).argParser(repeat).default([], 'none');
}

export function pluginOption(): Option {
  return new Option('--plugin <place>', 'also load a plugin, by path or package name')
    .argParser(repeat)
    .default([], 'none');
}
