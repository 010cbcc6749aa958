import { watch } from 'vue';
import { createRouter, createWebHashHistory, type RouteRecordRaw, type Router } from 'vue-router';
import { allPages } from './pages.ts';
import { useOpenRun } from './stores/open-run.ts';

/** The pages' files. A page is a route, and in the rail, as soon as its file is there. */
const files = import.meta.glob('./pages/*Page.vue');

export const pages = allPages.filter(({ file }) => files[`./pages/${file}Page.vue`] !== undefined);

/**
 * Routes in the address's fragment: the desktop's files have no server that could answer other paths. The open run
 * stands in every address as `?run=ID`, so that a reload and a link come back to it.
 */
export function createAppRouter(): Router {
  const routes: RouteRecordRaw[] = pages.map(({ file, path, title }) => ({
    path,
    component: files[`./pages/${file}Page.vue`]!,
    meta: { title },
  }));
  const first = pages[0]?.path ?? '/settings';
  const router = createRouter({
    history: createWebHashHistory(),
    routes: [{ path: '/', redirect: first }, ...routes, { path: '/:rest(.*)*', redirect: first }],
  });
  router.beforeEach((to) => {
    const run = useOpenRun();
    const given = typeof to.query.run === 'string' ? to.query.run : undefined;
    if (given !== undefined) run.open(given);
    else if (run.id !== undefined) return { ...to, query: { ...to.query, run: run.id } };
    return true;
  });
  // A run that is opened or closed without going anywhere.
  const open = useOpenRun();
  watch(
    () => open.id,
    (id) => {
      const { run: _, ...query } = router.currentRoute.value.query;
      void router.replace({ query: id === undefined ? query : { ...query, run: id } });
    },
  );
  router.afterEach((to) => {
    document.title = `${String(to.meta.title ?? '')} · Halftone`;
  });
  return router;
}
