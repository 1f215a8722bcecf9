import { Random } from './random.ts';

/** One customer's request and everything that it caused in the shop's services. */
export interface Visit {
  readonly traceId: string;
  readonly sessionId: string;
  readonly address: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly request: { readonly method: string; readonly route: string; readonly path: string; readonly status: number };
  readonly product: string;
  readonly amountCents: number;
  readonly agent: AgentCall | undefined;
  readonly query: string;
  readonly queryMs: number;
  /** What went wrong, if anything did. */
  readonly failure: string | undefined;
  readonly spanIds: readonly string[];
}

/** A call of the shop's assistant to its language model. */
export interface AgentCall {
  readonly model: string;
  readonly question: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly durationMs: number;
  readonly tool: string;
}

/** About how many items a visit gives; the rate is kept by it. */
export const ITEMS_PER_VISIT: Readonly<Record<'logs' | 'traces' | 'metrics' | 'profiles', number>> = {
  logs: 1.4,
  traces: 2.2,
  metrics: 2.35,
  profiles: 0,
};

const ROUTES = [
  { method: 'GET', route: '/products/{id}', typicalMs: 35, query: 'SELECT * FROM products WHERE id = $1' },
  {
    method: 'GET',
    route: '/search',
    typicalMs: 60,
    query: 'SELECT id, name FROM products WHERE name ILIKE $1 LIMIT 20',
  },
  {
    method: 'POST',
    route: '/cart',
    typicalMs: 25,
    query: 'INSERT INTO cart_items (session, product, quantity) VALUES ($1, $2, $3)',
  },
  {
    method: 'POST',
    route: '/checkout',
    typicalMs: 180,
    query: 'UPDATE stock SET quantity = quantity - $1 WHERE product = $2',
  },
  {
    method: 'POST',
    route: '/assistant',
    typicalMs: 40,
    query: 'SELECT name, price FROM products ORDER BY embedding <-> $1 LIMIT 5',
  },
] as const;

const PRODUCTS = [
  'espresso-grinder',
  'walking-boots',
  'desk-lamp',
  'rain-jacket',
  'chess-set',
  'tea-kettle',
  'backpack-30l',
];
const QUESTIONS = [
  'Which of these boots are waterproof?',
  'Can I return a lamp that I have already opened?',
  'Is the grinder loud in the morning?',
  'What goes well with a tea kettle for a present?',
];
const FAILURES = [
  'payment provider timed out',
  'card declined',
  'product is out of stock',
  'upstream connection reset',
];

/** Tells what happened in the visit of this number. */
export function tellVisit(number: number, endMs: number): Visit {
  const random = new Random(number);
  const { method, route, typicalMs, query } = random.pick(ROUTES);
  const product = random.pick(PRODUCTS);
  const agent = route === '/assistant' ? callAgent(random) : undefined;
  const queryMs = random.duration(6);
  const durationMs = random.duration(typicalMs) + queryMs + (agent?.durationMs ?? 0);
  const failure = random.chance(route === '/checkout' ? 0.06 : 0.01) ? random.pick(FAILURES) : undefined;
  const failedStatus = failure === 'card declined' ? 402 : failure === 'product is out of stock' ? 409 : 503;
  return {
    traceId: random.hex(32),
    sessionId: random.hex(12),
    address: `203.0.113.${random.between(1, 254)}`,
    startMs: endMs - durationMs,
    endMs,
    request: {
      method,
      route,
      path: route.replace('{id}', product),
      status: failure === undefined ? (method === 'POST' && route === '/cart' ? 201 : 200) : failedStatus,
    },
    product,
    amountCents: random.between(400, 24_900),
    agent,
    query,
    queryMs,
    failure,
    spanIds: [random.hex(16), random.hex(16), random.hex(16), random.hex(16)],
  };
}

function callAgent(random: Random): AgentCall {
  const outputTokens = random.between(40, 420);
  return {
    model: random.pick(['small-chat-2', 'large-chat-4']),
    question: random.pick(QUESTIONS),
    inputTokens: random.between(300, 2_400),
    outputTokens,
    durationMs: random.duration(250) + outputTokens * 9,
    tool: random.pick(['search_products', 'order_status', 'return_policy']),
  };
}
