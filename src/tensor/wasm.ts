/** As far as it is needed; its types come with those of browsers only. */
interface WebAssemblyApi {
  Module: new (code: Uint8Array) => object;
  Instance: new (module: object) => { exports: object };
}

/** What a module of WebAssembly exports, from its bytes in base64: a loop of a few hundred bytes, opened at once. */
export function openWasm(base64: string): object {
  const { WebAssembly: api } = globalThis as unknown as { WebAssembly: WebAssemblyApi };
  return new api.Instance(new api.Module(Uint8Array.from(atob(base64), (c) => c.charCodeAt(0)))).exports;
}
