import { app, session } from 'electron';
import { isOwnAddress, mayRequest } from './navigation.ts';
import { grants, holds } from './permissions.ts';

/** Nothing is loaded and opened but our own pages; `permissions.ts` says what they are granted. */
export function confine(): void {
  app.on('web-contents-created', (_created, contents) => {
    contents.on('will-navigate', (event) => {
      if (!isOwnAddress(event.url)) event.preventDefault();
    });
    contents.on('will-attach-webview', (event) => event.preventDefault());
    contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  });
  const { defaultSession } = session;
  defaultSession.setPermissionRequestHandler((_contents, permission, decide, details) => {
    const mediaTypes = 'mediaTypes' in details ? details.mediaTypes : undefined;
    decide(grants({ permission, from: details.requestingUrl, ...(mediaTypes ? { mediaTypes } : {}) }));
  });
  defaultSession.setPermissionCheckHandler((_contents, permission, from, details) => {
    return holds({ permission, from, mediaTypes: details.mediaType ? [details.mediaType] : [] });
  });
  // No request leaves for the network: what isn't ours is refused before it is made.
  defaultSession.webRequest.onBeforeRequest(({ url }, decide) => decide({ cancel: !mayRequest(url) }));
}
