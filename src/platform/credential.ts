import type { TokenCredential } from "@azure/identity";

/** The app's own identity in Azure. The package is heavy and not needed where keys are used, so it is loaded on demand. */
export function lazyCredential(): TokenCredential {
  let made: Promise<TokenCredential> | undefined;
  return {
    async getToken(scopes, options) {
      made ??= import("@azure/identity").then(({ DefaultAzureCredential }) => new DefaultAzureCredential());
      return (await made).getToken(scopes, options);
    },
  };
}

/** The managed identity of that id, or the only one there is; loaded on demand as well. */
export function managedIdentity(clientId: string | undefined): TokenCredential {
  let made: Promise<TokenCredential> | undefined;
  return {
    async getToken(scopes, options) {
      made ??= import("@azure/identity").then(
        ({ ManagedIdentityCredential }) => new ManagedIdentityCredential(clientId ? { clientId } : {}),
      );
      return (await made).getToken(scopes, options);
    },
  };
}

/** Tokens for the image service; the credential caches them. */
export function accessTokenProvider(credential: TokenCredential, scope: string): () => Promise<string> {
  return async () => {
    const token = await credential.getToken(scope);
    if (!token) throw new Error(`No access token could be had for ${scope}.`);
    return token.token;
  };
}
