/** Letters whose pairs are counted; what is none of them is passed over. */
const LETTERS = 'abcdefghijklmnopqrstuvwxyz ';

/**
 * By letter, how rare each letter is behind it: -100 ln p, as two digits in base 36 each, in the order of `LETTERS`. Counted in
 * six million letters of English books in the public domain, with ten added to each count.
 */
const RARITY = [
  'ntay8y8hgtd2b3in91jmcj6ya44dm6atra6e6j5ecmard3i8a5ig7j',
  '73eagtha39nsohnm99dwoh5yh0ix5zn3oq7kajd25yhklcoq6koqd6',
  '5tq4aplc4uofqm5b85qd9a94nook4gq4hr9eg86n8yqdokqmcun2ar',
  'ackmlxco5hiwf3ir6uhglbcofcgj8on6mma2a8jzb3fhjorlctr31i',
  '8mhlab6padcodshmcfmcjh9kaf6neocbhe5i70adgtbgd4cdcmlh35',
  '7olzkxnl6t85l5nq6tp3o9afoklb5an3q16kgh989rq1loq1h2q12s',
  '7gnsmgj55gm0cu667ypfns9cgvae7vm3p573badq9ppfl2pfgcny2v',
  '59kjmdky21luqnoe5ks2lxighein74pms2cphaagcuqikiskdysb6k',
  'abd47q8y8taua8pchusoek8k8t3n7edoly9h5p5ui3amqvh5sxfbaj',
  '6igygsi33yhdh5hlfbi3hdhthli33khthlgygshd32i3hdi3i3i3di',
  'a2jlgulb3dhhiya34zlqktatgs6jaokzm6f88cilaek4f4mgd0mg3z',
  '6bi9fz7y4ybij0li62qyds5re2i16tfkqyfpasaqame5f7rg6hnw5o',
  '4va8i8ng3thtpymw6sphoqh8a4fq677iq7fa9uj69nppmfq79iq75a',
  '9hip8l4u6yde5vix96hddocvgncz80l4j2jz8h6admevjvkpcnoh43',
  'e4eabwbcg061epgxcfj7cb8z7u4x9sazoz619d8o659v8qiifble65',
  '5yl9i4nm4ti2lna47dnhlu6nhok95w7rpk4zap958wpkjopkdvpk86',
  'h6h6h6h6h6h6h6h6h6h6h6h6h6h6gxh6h6h6h6h606h6h6h6h6h6fe',
  '75gnc0ad3yewc1gr6kq5dhczaeaw6gf1p4a4828zb2dmhes692mf4t',
  '8xhmbdl360h6lt847qqjcnd3crhc89apjhmw7t5w92lveysuegrj2r',
  '8tmugcqh6ijxnk336lt2qxcagrk26imnts9ma8b6auqkees5bom64e',
  'a9ad91b694dy8vloadpzh96a9h5tgy8mov5b5h5gpriupzkckhen93',
  '6vnjnslv1gnsn2nj4unjm0f4nscp7rnsnshfc9m5hhnambnjemns8o',
  '4gl4l8eu59j0mj4i4wonjgf6mq8y70n1plcpbsfpl0plkbplj4p361',
  '69j65ni16ug7j6bz5rj6j6hvioj6ce46hpcwg157c5c3iwcfecj674',
  'argwflh384g7jgkcanomkpd6cdf567d6p4fz8pbrjkl9hblfmolh12',
  '71gogfd22lgfgo8w6igofratb4dx4ugogogog6gf8ofrgfgocpah8t',
  '5z8p8w9van92bh7q7nftenai9bal7c9dhca87i56cfdo7slmd2nl95',
];

const DIGITS = 2;
/** Words whose pairs are rarer than this on average are taken for made-up ones: the Collector's bound, p = 0.0151. */
const RARITY_MAX = 419.31;

/** Whether the pairs of letters of a word are so rare in English that it is hardly a word. Words without pairs are none. */
export function looksMadeUp(word: string): boolean {
  let sum = 0;
  let pairs = 0;
  let last = -1;
  for (const letter of word.toLowerCase()) {
    const index = LETTERS.indexOf(letter);
    if (index < 0) continue;
    if (last >= 0) {
      sum += Number.parseInt(RARITY[last].slice(index * DIGITS, (index + 1) * DIGITS), 36);
      pairs++;
    }
    last = index;
  }
  return pairs > 0 && sum / pairs >= RARITY_MAX;
}
