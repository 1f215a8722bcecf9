import { Type } from '@millrace/api';

/** `middlewares` of servers and clients (configmiddleware.Config): extensions that Go programs put into the path of requests. */
export const middlewares = () =>
  Type.Unsupported('Extensions in the path of requests', 'leave it out, or do what they do in a processor');
