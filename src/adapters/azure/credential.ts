import type * as azureIdentity from "@azure/identity";
import type { TokenCredential } from "@azure/identity";

/** The app's own identity in Azure. */
export function lazyCredential(): TokenCredential {
  return onDemand(({ DefaultAzureCredential }) => new DefaultAzureCredential());
}

/** The managed identity of that id, or the only one there is. */
export function managedIdentity(clientId: string | undefined): TokenCredential {
  return onDemand(
    ({ ManagedIdentityCredential }) => new ManagedIdentityCredential(clientId ? { clientId } : {}),
  );
}

/** The package is heavy and not needed where keys are used, so it is loaded when a token is first asked for. */
function onDemand(make: (identity: typeof azureIdentity) => TokenCredential): TokenCredential {
  let made: Promise<TokenCredential> | undefined;
  return {
    async getToken(scopes, options) {
      made ??= import("@azure/identity").then(make);
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
