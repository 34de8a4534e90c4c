// Signatures of minisign (https://jedisct1.github.io/minisign/, "Signature format"), checked without it: Ed25519 over a
// file, or over its BLAKE2b-512, and a second one over the first and the trusted comment.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace tailbit {

struct MinisignKey {
  std::string id;   // 8 bytes
  std::string key;  // 32 bytes
};

// A signature file taken apart.
struct MinisignSignature {
  bool prehashed = false;  // the signature is of the file's BLAKE2b-512
  std::string id;          // of the key, 8 bytes
  std::string signature;   // 64 bytes, of the file
  std::string trusted_comment;
  std::string global_signature;  // 64 bytes, of `signature` and the trusted comment
};

// The key itself in base64, or a file that holds it: minisign.pub. Throws Failure.
MinisignKey read_minisign_key(const std::string& key_or_path);

// Throws Failure (bad_data), naming `shown`, where the text is not a signature file.
MinisignSignature parse_minisign(const std::string& text, const std::string& shown);

// Why the signature is not one of `message`, and of its own trusted comment, by this key; empty where it is.
std::string why_not_signed(const MinisignKey& key, const MinisignSignature& signature, std::string_view message);

// As minisign writes it: 16 hexadecimal digits.
std::string key_id_text(const std::string& id);

// Bytes of base64 (RFC 4648, with padding); nothing where the text is anything else.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace tailbit
