import { watch } from 'vue';
import {
  createRouter,
  createWebHashHistory,
  isNavigationFailure,
  NavigationFailureType,
  type RouteRecordRaw,
  type Router,
  type RouterHistory,
} from 'vue-router';
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
  const history = createWebHashHistory();
  const router = createRouter({
    history,
    routes: [{ path: '/', redirect: first }, ...routes, { path: '/:rest(.*)*', redirect: first }],
  });
  heedEarlyAddresses(router, history);
  const open = useOpenRun();
  let going = false;
  /** Brings the address to the open run, unless it is on its way elsewhere: that would be called off. */
  const follow = () => {
    const { run, ...query } = router.currentRoute.value.query;
    if (going || run === open.id) return;
    void router.replace({ query: open.id === undefined ? query : { ...query, run: open.id } });
  };
  router.beforeEach((to) => {
    going = true;
    const given = typeof to.query.run === 'string' ? to.query.run : undefined;
    if (given !== undefined) open.open(given);
    else if (open.id !== undefined) return { ...to, query: { ...to.query, run: open.id } };
    return true;
  });
  router.afterEach((to, _from, failure) => {
    // Called off for another, which the router is on its way to.
    if (isNavigationFailure(failure, NavigationFailureType.cancelled)) return;
    going = false;
    if (failure === undefined) document.title = `${String(to.meta.title ?? '')} · Halftone`;
    follow();
  });
  router.onError(() => {
    going = false;
  });
  // Later: who opens a run often goes to another page in the same breath, which the router only hears of soon after.
  watch(
    () => open.id,
    () => void setTimeout(follow),
  );
  return router;
}

/**
 * The router looks at the address when it starts and from its first page on. What is written there in between, while
 * that page's file is read, would be overwritten: it is gone to instead.
 */
function heedEarlyAddresses(router: Router, history: RouterHistory): void {
  const go = () => void router.replace(history.location);
  window.addEventListener('popstate', go);
  void router
    .isReady()
    .catch(() => undefined)
    .then(() => window.removeEventListener('popstate', go));
}
