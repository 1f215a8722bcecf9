const BASE64URL = /^[\w-]*$/;

/** Base64url without padding (RFC 4648 section 5); undefined for other characters, or a length that cannot be. */
export function decodeBase64url(text: string): Buffer | undefined {
  return BASE64URL.test(text) && text.length % 4 !== 1 ? Buffer.from(text, 'base64url') : undefined;
}
