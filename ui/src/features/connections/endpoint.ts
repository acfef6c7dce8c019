/** Whether an address looks finished but lacks the version that such endpoints usually end in. */
export function endsOddly(endpoint: string): boolean {
  return /^https?:\/\/[^/\s]+/.test(endpoint.trim()) && !/\/v\d+\w*\/?$/.test(endpoint.trim());
}

/** `http://127.0.0.1:11434/` as `http://127.0.0.1:11434/v1` */
export function withVersionPath(endpoint: string): string {
  return `${endpoint
    .trim()
    .replace(/\/+$/, "")
    .replace(/\/chat\/completions$/, "")}/v1`;
}

/** The deployment that a target URI of Azure names. */
export function deploymentIn(endpoint: string): string | null {
  const [, name] = /^https?:\/\/[^?#]*\/openai\/deployments\/([^/?#]+)/.exec(endpoint.trim()) ?? [];
  if (name === undefined) return null;
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

type AzurePlace = { endpoint: string; deployment: string; baseUrl: string };

/** Where a deployment of Azure OpenAI is asked, by the rules of `azure/target.rs`; `null` while it is not known. */
export function azureAddress({ endpoint, deployment, baseUrl }: AzurePlace): string | null {
  const text = endpoint.trim();
  const name = deploymentIn(text) ?? deployment.trim();
  if (name === "" || !URL.canParse(text)) return null;
  const { protocol, origin, pathname, searchParams, username } = new URL(text);
  if (!/^https?:$/.test(protocol) || username !== "") return null;
  const own = pathname.search(/\/openai(?:\/|$)/);
  const before = own === -1 ? pathname : pathname.slice(0, own);
  const gateway = baseUrl.trim().replace(/\/+$/, "");
  const base = gateway === "" ? `${origin}${before.replace(/\/+$/, "")}` : gateway;
  const version = /^[\da-z-]+$/i.exec(searchParams.get("api-version") ?? "")?.[0];
  const dated = version !== undefined && /^\d/.test(version) ? version : null;
  if (deploymentIn(text) === null && (dated === null || pathname.slice(before.length).startsWith("/openai/v1"))) {
    return `${base}/openai/v1/chat/completions`;
  }
  const path = `openai/deployments/${encodeURIComponent(name)}/chat/completions`;
  return `${base}/${path}?api-version=${dated ?? "2024-10-21"}`;
}
