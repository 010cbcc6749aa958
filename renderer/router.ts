import { createRouter, createWebHashHistory, type Router } from 'vue-router';
import ModelsPage from './pages/ModelsPage.vue';
import SettingsPage from './pages/SettingsPage.vue';

/**
 * Routes in the address's fragment: the desktop's files have no server that could answer other paths. Only pages
 * whose work the lab can do are here.
 */
export function createAppRouter(): Router {
  return createRouter({
    history: createWebHashHistory(),
    routes: [
      { path: '/', redirect: '/models' },
      { path: '/models', component: ModelsPage, meta: { title: 'Models' } },
      { path: '/settings', component: SettingsPage, meta: { title: 'Settings' } },
      { path: '/:rest(.*)*', redirect: '/models' },
    ],
  });
}
