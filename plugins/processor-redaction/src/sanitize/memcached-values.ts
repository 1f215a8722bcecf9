/** The command line of a memcached request, without the data that follows it. */
export function withoutMemcachedValues(command: string): string {
  const end = command.indexOf('\r\n');
  return (end < 0 ? command : command.slice(0, end)).trim();
}
