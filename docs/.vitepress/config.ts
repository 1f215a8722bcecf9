import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { DefaultTheme, UserConfig } from 'vitepress';

const docs = path.dirname(import.meta.dirname);

export default {
  title: 'Millrace',
  description: 'OpenTelemetry Collector pipelines in TypeScript, that lose nothing that they acknowledged',
  outDir: path.join(docs, '../dist/docs'),
  cacheDir: path.join(docs, '../.cache/docs'),
  cleanUrls: true,
  rewrites: { 'README.md': 'index.md', ':folder/README.md': ':folder/index.md' },
  // Files of the project that are no pages, such as the configurations.
  ignoreDeadLinks: [
    /^(?:\.\.?\/)+(?:README|CONTRIBUTING|configs\/|benchmarks\/|packages\/|plugins\/|scripts\/|test\/)/,
  ],
  markdown: { config: (markdown) => void (markdown.options.html = false) },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [
      { text: 'Guide', link: '/guide/' },
      { text: 'Reference', link: '/reference/' },
      { text: 'Operations', link: '/operations/undelivered-data' },
    ],
    sidebar: [
      { text: 'Guide', items: pagesOf('guide') },
      { text: 'Operations', items: pagesOf('operations') },
      { text: 'Reference', items: pagesOf('reference') },
      { text: 'How it works', items: ['architecture.md', 'performance.md'].map(pageOf) },
      { text: 'Decisions', collapsed: true, items: pagesOf('decisions') },
    ],
  },
} satisfies UserConfig<DefaultTheme.Config>;

/** The pages of a folder; its README comes first. */
function pagesOf(folder: string): DefaultTheme.SidebarItem[] {
  return readdirSync(path.join(docs, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md'))
    .sort((a, b) => Number(b.endsWith('README.md')) - Number(a.endsWith('README.md')) || a.localeCompare(b))
    .map((file) => pageOf(`${folder}/${file}`));
}

function pageOf(file: string): DefaultTheme.SidebarItem {
  const text = readFileSync(path.join(docs, file), 'utf8');
  const title = /^# (.+)$/m.exec(text)?.[1] ?? path.basename(file, '.md');
  return { text: title, link: `/${file.replace(/(?:README)?\.md$/, '')}` };
}
