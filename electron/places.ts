/**
 * The folder that the lab's process reads as it is: the application's own, or what lies unpacked beside the archive
 * that an installed application is in.
 */
export function labRoot(appPath: string): string {
  return appPath.replace(/app\.asar$/, 'app.asar.unpacked');
}
