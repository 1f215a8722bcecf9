import type { ConfigFault } from '@millrace/api';
import { explainError, OttlErrors } from '@millrace/ottl';
import { compileCount } from './compile-count.ts';
import { type CountSettings, type MetricSettings, type Section, SECTIONS } from './count-settings.ts';

type Path = ConfigFault['path'];

/** The Collector's rules for the count connector, and what is not supported: to ask for the sender. */
export function checkCount(settings: CountSettings): ConfigFault[] {
  return (Object.keys(SECTIONS) as Section[]).flatMap((section) =>
    Object.entries(settings[section] ?? {}).flatMap(([name, metric]) => [
      ...(name === '' ? [{ path: [section], message: 'a metric needs a name', remedy: 'write one as its key' }] : []),
      ...attributeFaults(section, metric, [section, name]),
      ...conditionFaults(section, metric, [section, name]),
    ]),
  );
}

function attributeFaults(section: Section, { attributes }: MetricSettings, path: Path): ConfigFault[] {
  if (attributes.length === 0) return [];
  if (section === 'metrics') {
    const message = 'metrics have no attributes to be counted by';
    return [{ path: [...path, 'attributes'], message, remedy: 'count datapoints' }];
  }
  const keys = attributes.map(({ key }) => key);
  return keys.flatMap((key, index) =>
    keys.indexOf(key) === index
      ? []
      : [{ path: [...path, 'attributes', index], message: `"${key}" is there twice`, remedy: 'remove one of them' }],
  );
}

function conditionFaults(section: Section, metric: MetricSettings, path: Path): ConfigFault[] {
  const { conditions } = metric;
  const place = [...path, 'conditions'];
  if (conditions.length === 0) return [];
  const asking = conditions.findIndex((condition) => /\botelcol\./.test(condition));
  if (asking >= 0) {
    // Before a connector, data of several senders is merged.
    const remedy = 'set an attribute by the attributes processor, with from_context, and ask for that';
    return [{ path: [...place, asking], message: 'connectors are not told who sent the data', remedy }];
  }
  try {
    compileCount(section, metric, {});
    return [];
  } catch (error) {
    if (!(error instanceof OttlErrors)) throw error;
    return error.errors.map((each) => ({
      path: each.statement < 0 ? place : [...place, each.statement],
      ...explainError(each),
    }));
  }
}
