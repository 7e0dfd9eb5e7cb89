/** A file of the page as it is served. */
export interface PageFile {
  contentType: string;
  /** Changes with the file. */
  tag: string;
  /** The same file in each encoding that a client may ask for. */
  bytes: Record<"identity" | "br" | "gzip", Uint8Array>;
}

export interface DefinitionFile {
  document: Readonly<Record<string, unknown>>;
  /** Changes with the file. */
  tag: string;
}

/** The connector's definition as it is committed. */
export interface ConnectorDefinition {
  /** Undefined when there is no such file. */
  read(): Promise<DefinitionFile | undefined>;
}

/** The gallery page: `index.html`, and what it loads. */
export interface PageFiles {
  /** Undefined when there is no such file. */
  read(name: string): Promise<PageFile | undefined>;
}

/** Which app this is: the package's version, and a hash of all that was built. */
export interface BuildInfo {
  version: string;
  build: string;
}
export type BuildReader = () => Promise<BuildInfo>;
