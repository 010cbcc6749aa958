/** A file with its path within what was dropped: `signs/stop/01.png`, or its name alone. */
export interface DroppedFile {
  readonly file: File;
  readonly path: string;
}

/** All files of a drop, folders walked through, in the order of their paths within each folder. */
export async function droppedFiles(transfer: DataTransfer): Promise<DroppedFile[]> {
  // Entries have to be asked for before the first wait: the list is emptied then.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry());
  const plain = [...transfer.files].map((file) => ({ file, path: file.name }));
  if (entries.every((entry) => entry === null || entry.isFile)) return plain;
  const found = await Promise.all(entries.map((entry) => (entry === null ? [] : filesUnder(entry))));
  return found.flat();
}

async function filesUnder(entry: FileSystemEntry): Promise<DroppedFile[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => {
      (entry as FileSystemFileEntry).file(resolve, reject);
    });
    return [{ file, path: entry.fullPath.replace(/^\//, '') }];
  }
  const children = await readAll((entry as FileSystemDirectoryEntry).createReader());
  children.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
  const found: DroppedFile[] = [];
  for (const child of children) found.push(...(await filesUnder(child)));
  return found;
}

/** A reader hands out some hundred entries at a time, and none at the end. */
async function readAll(reader: FileSystemDirectoryReader): Promise<FileSystemEntry[]> {
  const all: FileSystemEntry[] = [];
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => {
      reader.readEntries(resolve, reject);
    });
    if (some.length === 0) return all;
    all.push(...some);
  }
}
