import { type Static, Type } from '@millrace/api';
import { matchSettings } from '@millrace/rules';

export const spanSettings = Type.Object({
  ...matchSettings('changed'),
  name: Type.Object(
    {
      from_attributes: Type.Array(Type.String(), {
        default: [],
        description: 'The new name consists of the values of these attributes; it stays where one of them is missing.',
      }),
      separator: Type.String({ default: '', description: 'Stands between the values of from_attributes.' }),
      to_attributes: Type.Optional(
        Type.Object(
          {
            rules: Type.Array(Type.String(), {
              default: [],
              description:
                'RE2 expressions, applied in order: what their named groups match becomes attributes, and is replaced in the ' +
                'name by {group}.',
            }),
            break_after_match: Type.Boolean({ default: false, description: 'Stops at the first rule that matches.' }),
            keep_original_name: Type.Boolean({ default: false, description: 'Sets attributes, and leaves the name.' }),
          },
          { description: 'Takes attributes out of the name.' },
        ),
      ),
    },
    { description: 'How spans are named.' },
  ),
  status: Type.Optional(
    Type.Object(
      {
        code: Type.String({ description: 'Ok, Error or Unset.', examples: ['Ok', 'Error', 'Unset'] }),
        description: Type.String({ default: '', description: 'For Error: what went wrong.' }),
      },
      { description: 'The status that spans get.' },
    ),
  ),
});

export type SpanSettings = Static<typeof spanSettings>;

/** By their numbers in OTLP. */
export const STATUS_CODES: readonly string[] = ['Unset', 'Ok', 'Error'];
