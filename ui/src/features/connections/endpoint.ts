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
