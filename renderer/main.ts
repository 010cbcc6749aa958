import './styles/tokens.css';
import './styles/base.css';
import './styles/facts.css';
import './styles/overlays.css';
import { createPinia } from 'pinia';
import { createApp } from 'vue';
import { config } from 'zod';
import App from './App.vue';
import { takeToken } from './connection/token.ts';
import { createAppRouter } from './router.ts';
import { useLab } from './stores/lab.ts';
import { useTheme } from './stores/theme.ts';

// The schema library compiles its checks with `new Function` where it may; our content policy says that it may not.
config({ jitless: true });

// Before the router reads the address: the link carries the token where routes will be.
const token = takeToken(window.location, window.sessionStorage, window.history);

// A file dropped beside a place that takes one would otherwise open in the page's stead.
for (const name of ['dragover', 'drop']) window.addEventListener(name, (event) => event.preventDefault());

const app = createApp(App);
app.use(createPinia());
app.use(createAppRouter());
useTheme().apply();
useLab().connect(token);
app.mount('#app');
