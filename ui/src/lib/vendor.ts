import type { VendorError } from "@/ipc/bindings";

/** What the provider said of a failed call, as its support will ask for it; `null` where it said nothing. */
export function vendorWords(vendor: VendorError | null): string | null {
  if (vendor === null) return null;
  const words = [
    vendor.status === null ? null : `HTTP ${vendor.status}`,
    vendor.code,
    vendor.message,
    vendor.request_id === null ? null : `request ${vendor.request_id}`,
  ].filter((word) => word !== null);
  return words.length === 0 ? null : words.join(", ");
}
