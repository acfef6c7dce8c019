/** How each certificate in DER begins. */
const DER_SEQUENCE = 0x30;

/** The text of a file of certificates. Windows writes one as bare bytes (DER), which are written as PEM here. */
export function pemOf(bytes: Uint8Array): string {
  if (bytes[0] !== DER_SEQUENCE) return new TextDecoder().decode(bytes);
  const base64 = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  const lines = base64.match(/.{1,64}/g) ?? [];
  return ["-----BEGIN CERTIFICATE-----", ...lines, "-----END CERTIFICATE-----", ""].join("\n");
}
