import path from 'node:path';
import { ComponentError, messageOf } from '@millrace/api';
import { ConfigErrors, type ConfigProblem, formatProblems } from '@millrace/config';
import type { ReloadReport } from '@millrace/engine';
import type { StepFault } from '@millrace/workers';
import { codeFrame, type CodePlace, placeIn } from '../display/code-frame.ts';
import type { Paint } from '../display/paint.ts';
import { checkTypes, type TypeFault } from './type-check.ts';

export interface DevelopmentSettings {
  /** Paths of the plugins' modules that run. */
  readonly modules: () => readonly string[];
  readonly paint: Paint;
  /** Shows whole lines. */
  readonly show: (text: string) => void;
}

/** Type faults that are shown at once; the rest is counted. */
const FAULTS_SHOWN_MAX = 5;

const UNCHECKED =
  'types are not checked: there is no compiler, or no types of the API (npm install --save-dev typescript @millrace/api beside the plugin)';

/** What `millrace dev` adds to a run: types are checked before a plugin is taken, and errors are shown with their source. */
export class Development {
  readonly #settings: DevelopmentSettings;
  /** Faults of the version that runs which were shown. */
  readonly #shown = new Set<string>();
  #saidUnchecked = false;

  constructor(settings: DevelopmentSettings) {
    this.#settings = settings;
  }

  /** Checks the plugins' types. Throws a ComponentError where something is wrong with them. */
  async check(): Promise<void> {
    const faults = await checkTypes(this.#settings.modules());
    if (faults === undefined && !this.#saidUnchecked) {
      this.#saidUnchecked = true;
      this.#say(UNCHECKED);
    }
    if (faults !== undefined && faults.length > 0) throw new PluginTypesError(faults);
  }

  /** Shows what is wrong with the types of what starts, which Node runs all the same. */
  async checkFirst(): Promise<void> {
    await this.check().catch((error: unknown) => this.#showError(error));
  }

  /** `durationMs`: from the moment in which the change was noticed. */
  reloaded({ started }: ReloadReport, durationMs: number): void {
    this.#shown.clear();
    const { paint } = this.#settings;
    const what = started.length === 0 ? '' : ` (new: ${started.join(', ')})`;
    this.#say(`${paint.green('reloaded')} in ${Math.round(durationMs)} ms${what}`);
  }

  refused(error: unknown): void {
    this.#showError(error);
    this.#say('the old version goes on');
  }

  /** A step of a plugin threw; each place is shown once for each version. */
  fault({ message, at }: StepFault): void {
    const place = placeIn(at);
    if (place === undefined || !this.#isPlugin(place) || this.#shown.has(`${message} ${at}`)) return;
    this.#shown.add(`${message} ${at}`);
    this.#showPlace(message, place);
  }

  #isPlugin({ file }: CodePlace): boolean {
    return this.#settings.modules().some((module) => file.startsWith(path.dirname(module) + path.sep));
  }

  #showError(error: unknown): void {
    if (error instanceof PluginTypesError) {
      for (const fault of error.faults.slice(0, FAULTS_SHOWN_MAX)) this.#showPlace(fault.message, fault);
      const more = error.faults.length - FAULTS_SHOWN_MAX;
      if (more > 0) this.#say(`and ${more} more type errors`);
      return;
    }
    if (error instanceof ConfigErrors) {
      const ofPlugins = error.errors.filter(({ code }) => code === 'PLUGIN_FAILED');
      // What a plugin would have defined is missing then, which says nothing new.
      for (const each of ofPlugins.length > 0 ? ofPlugins : error.errors) this.#showProblem(each);
      return;
    }
    const message = messageOf(error);
    const place = placeIn(message) ?? this.#placeInStacks(error);
    if (place === undefined) this.#say(`${this.#settings.paint.red('error')}  ${message}`);
    else this.#showPlace(message, place);
  }

  #showProblem(problem: ConfigProblem): void {
    const place = placeIn(problem.message);
    if (place === undefined) this.#say(`${this.#settings.paint.red('error')}  ${formatProblems([problem])}`);
    else this.#showPlace(problem.message, place);
  }

  /** Where in a plugin something was thrown that another error tells of. */
  #placeInStacks(error: unknown): CodePlace | undefined {
    for (let each = error; each instanceof Error; each = each.cause) {
      for (const line of (each.stack ?? '').split('\n')) {
        const place = placeIn(line.replace('file://', '').replace(/\?version=\d+/, ''));
        if (place !== undefined && this.#isPlugin(place)) return place;
      }
    }
    return undefined;
  }

  #showPlace(message: string, place: CodePlace): void {
    const { paint } = this.#settings;
    const where = `${path.relative(process.cwd(), place.file)}:${place.line}:${place.column}`;
    // The place stands in front already.
    const text = message.replaceAll(`${place.file}:${place.line}:${place.column}: `, '');
    this.#say(`${paint.red('error')}  ${paint.bold(where)}  ${text}`);
    const frame = codeFrame(place, paint);
    if (frame !== '') this.#say(frame);
  }

  #say(text: string): void {
    this.#settings.show(`${text}\n`);
  }
}

class PluginTypesError extends ComponentError {
  readonly faults: readonly TypeFault[];

  constructor(faults: readonly TypeFault[]) {
    const [{ file, line, column, message }] = faults;
    const more = faults.length === 1 ? '' : `, and ${faults.length - 1} more`;
    super(`a plugin has type errors: ${file}:${line}:${column}: ${message}${more}`, {
      code: 'PLUGIN_TYPES',
      remedy: 'correct them; until then the old version goes on',
    });
    this.faults = faults;
  }
}
