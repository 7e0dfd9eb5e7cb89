import { textCipher } from "../../src/platform/text-cipher.ts";

export const cipher = textCipher("a signing key of more than 32 characters", "test");
