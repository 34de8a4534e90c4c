#include "host/report/minisign.hpp"

#include <memory>
#include <vector>

#include <openssl/evp.h>

#include "host/io/files.hpp"

namespace tailbit {
namespace {

constexpr std::size_t kAlgorithm = 2, kId = 8, kKey = 32, kSignature = 64;  // bytes
constexpr std::size_t kLongestFile = 1 << 16;
constexpr std::string_view kUntrusted = "untrusted comment: ", kTrusted = "trusted comment: ";

const unsigned char* bytes_of(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

// The file's lines, without their ends.
std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    lines.push_back(text.substr(at, end - at));
    if (lines.back().ends_with('\r')) lines.back().pop_back();
    at = end + 1;
  }
  return lines;
}

std::optional<MinisignKey> parse_key(std::string_view base64) {
  const std::optional<std::string> bytes = decode_base64(base64);
  if (!bytes || bytes->size() != kAlgorithm + kId + kKey || !bytes->starts_with("Ed")) return std::nullopt;
  return MinisignKey{bytes->substr(kAlgorithm, kId), bytes->substr(kAlgorithm + kId)};
}

std::string blake2b(std::string_view message) {
  std::string digest(EVP_MAX_MD_SIZE, '\0');
  unsigned int size = 0;
  if (EVP_Digest(message.data(), message.size(), reinterpret_cast<unsigned char*>(digest.data()), &size,
                 EVP_blake2b512(), nullptr) != 1)
    throw Failure(ExitCode::internal_error, "BLAKE2b-512 is not available in this OpenSSL");
  digest.resize(size);
  return digest;
}

bool is_signed(const MinisignKey& key, std::string_view signature, std::string_view message) {
  const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> public_key(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, bytes_of(key.key), key.key.size()), EVP_PKEY_free);
  const std::unique_ptr<EVP_MD_CTX, void (*)(EVP_MD_CTX*)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  if (!public_key || !context || EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, public_key.get()) != 1)
    throw Failure(ExitCode::internal_error, "Ed25519 is not available in this OpenSSL");
  return EVP_DigestVerify(context.get(), bytes_of(signature), signature.size(), bytes_of(message), message.size()) == 1;
}

}  // namespace

std::optional<std::string> decode_base64(std::string_view text) {
  if (text.empty() || text.size() % 4 != 0 || text.size() > kLongestFile) return std::nullopt;
  std::string bytes(text.size() / 4 * 3, '\0');
  if (EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()), bytes_of(text), static_cast<int>(text.size())) <
      0)
    return std::nullopt;
  const std::size_t end = text.find_last_not_of('=');
  const std::size_t padding = end == std::string_view::npos ? text.size() : text.size() - end - 1;
  if (padding > 2) return std::nullopt;
  bytes.resize(bytes.size() - padding);
  // OpenSSL is lenient; what does not encode to itself is not base64.
  std::string again(text.size() + 1, '\0');
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(again.data()), bytes_of(bytes), static_cast<int>(bytes.size()));
  again.pop_back();
  if (again != text) return std::nullopt;
  return bytes;
}

MinisignKey read_minisign_key(const std::string& key_or_path) {
  if (const auto key = parse_key(key_or_path)) return *key;
  Problems problems;
  const std::optional<std::string> text = read_file(key_or_path, ExitCode::bad_data, problems, kLongestFile);
  problems.throw_if_any();
  const std::vector<std::string> lines = lines_of(*text);
  if (!lines.empty()) {
    if (const auto key = parse_key(lines[lines[0].starts_with(kUntrusted) && lines.size() > 1 ? 1 : 0])) return *key;
  }
  throw Failure(ExitCode::bad_data,
                key_or_path + ": is not a public key of minisign; give minisign.pub, or its second line");
}

MinisignSignature parse_minisign(const std::string& text, const std::string& shown) {
  const auto refuse = [&](const std::string& why) {
    throw Failure(ExitCode::bad_data, shown + ": is not a signature of minisign (" + why + "); sign the file again");
  };
  const std::vector<std::string> lines = lines_of(text);
  if (lines.size() != 4) refuse(std::to_string(lines.size()) + " lines, not 4");
  if (!lines[0].starts_with(kUntrusted)) refuse("line 1 is not its untrusted comment");
  if (!lines[2].starts_with(kTrusted)) refuse("line 3 is not its trusted comment");
  const std::string signature = decode_base64(lines[1]).value_or("");
  const std::string global = decode_base64(lines[3]).value_or("");
  const bool prehashed = signature.starts_with("ED");
  if (signature.size() != kAlgorithm + kId + kSignature || !(prehashed || signature.starts_with("Ed")))
    refuse("line 2 is not a signature");
  if (global.size() != kSignature) refuse("line 4 is not a signature");
  return {prehashed, signature.substr(kAlgorithm, kId), signature.substr(kAlgorithm + kId),
          lines[2].substr(kTrusted.size()), global};
}

std::string why_not_signed(const MinisignKey& key, const MinisignSignature& signature, std::string_view message) {
  if (key.id != signature.id)
    return "is signed by the key " + key_id_text(signature.id) + ", not by " + key_id_text(key.id);
  const std::string digest = signature.prehashed ? blake2b(message) : "";
  if (!is_signed(key, signature.signature, signature.prehashed ? std::string_view(digest) : message))
    return "is not what the key " + key_id_text(key.id) + " has signed";
  if (!is_signed(key, signature.global_signature, signature.signature + signature.trusted_comment))
    return "has a trusted comment that the key " + key_id_text(key.id) + " has not signed";
  return "";
}

std::string key_id_text(const std::string& id) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  std::string text;
  for (auto byte = id.rbegin(); byte != id.rend(); ++byte) {  // a number, its lowest byte first
    text += kDigits[static_cast<unsigned char>(*byte) >> 4];
    text += kDigits[static_cast<unsigned char>(*byte) & 15];
  }
  return text;
}

}  // namespace tailbit
