import { textCipher } from "../../src/adapters/crypto/text-cipher.ts";

export const cipher = textCipher("a signing key of more than 32 characters", "test");
