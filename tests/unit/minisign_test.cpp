// Signatures that Debian's minisign made (tests/data/minisign), and everything that may be wrong with one.
#include "host/report/minisign.hpp"

#include <gtest/gtest.h>

#include "tests/unit/io_files.hpp"

namespace tailbit::minisign_test {
namespace {

std::string fixture_path(const std::string& name) { return std::string(TAILBIT_TEST_DATA) + "/minisign/" + name; }
std::string fixture(const std::string& name) { return test::file_text(fixture_path(name)); }

constexpr const char* kKey = "RWTonftCo+XZcqJYvHe9L66EkPK4WZL0XeQ+TdVUV5ju/jbYr3ApvgS2";

std::string why_not(const std::string& key, const std::string& signature, const std::string& message) {
  return why_not_signed(read_minisign_key(fixture_path(key)), parse_minisign(signature, "x.minisig"), message);
}

std::string refusal(const std::string& signature) {
  const test::ScratchFolder folder;
  const test::Outcome outcome = test::outcome_of(folder, [&] { parse_minisign(signature, "x.minisig"); });
  if (outcome.message.empty()) return "";
  EXPECT_EQ(outcome.code, ExitCode::bad_data);
  return outcome.message;
}

TEST(Minisign, AcceptsBothFormats) {
  const std::string message = fixture("message.json");
  EXPECT_EQ(why_not("minisign.pub", fixture("prehashed.minisig"), message), "");
  EXPECT_EQ(why_not("minisign.pub", fixture("legacy.minisig"), message), "");
  EXPECT_EQ(why_not("other.pub", fixture("other.minisig"), message), "");
  const MinisignSignature prehashed = parse_minisign(fixture("prehashed.minisig"), "");
  const MinisignSignature legacy = parse_minisign(fixture("legacy.minisig"), "");
  EXPECT_TRUE(prehashed.prehashed);
  EXPECT_FALSE(legacy.prehashed);
  EXPECT_EQ(prehashed.trusted_comment, "signed for tests");
  EXPECT_EQ(legacy.trusted_comment, "signed for tests, the old way");
}

TEST(Minisign, ReadsAKeyFromAFileOrAsItIs) {
  const test::ScratchFolder folder;
  const MinisignKey key = read_minisign_key(kKey);
  EXPECT_EQ(key_id_text(key.id), "72D9E5A342FB9DE8");  // as minisign.pub says it
  const std::string bare = folder.write("bare", std::string(kKey) + "\r\n");
  for (const std::string& path : {fixture_path("minisign.pub"), bare}) {
    EXPECT_EQ(read_minisign_key(path).id, key.id);
    EXPECT_EQ(read_minisign_key(path).key, key.key);
  }
}

TEST(Minisign, RefusesWhatIsNoKey) {
  const test::ScratchFolder folder;
  const auto code = [&](const std::string& key) {
    return test::outcome_of(folder, [&] { read_minisign_key(key); }).code;
  };
  EXPECT_EQ(code(folder.path("none.pub")), ExitCode::input_missing);
  EXPECT_EQ(code(fixture_path("message.json")), ExitCode::bad_data);
  EXPECT_EQ(code(fixture_path("legacy.minisig")), ExitCode::bad_data);
  EXPECT_EQ(code(folder.write("short.pub", "untrusted comment: x\n")), ExitCode::bad_data);
  EXPECT_EQ(code(folder.write("ED.pub", "RU" + std::string(kKey).substr(2) + "\n")), ExitCode::bad_data);
  EXPECT_EQ(code(folder.write("long.pub", std::string(kKey) + "AAAA\n")), ExitCode::bad_data);
}

TEST(Minisign, RefusesAnotherKey) {
  const std::string message = fixture("message.json");
  EXPECT_EQ(why_not("other.pub", fixture("prehashed.minisig"), message),
            "is signed by the key 72D9E5A342FB9DE8, not by E41405008A0B744E");
  // The right id with another key is no help.
  MinisignKey forged = read_minisign_key(fixture_path("other.pub"));
  forged.id = read_minisign_key(kKey).id;
  for (const char* name : {"prehashed.minisig", "legacy.minisig"}) {
    EXPECT_EQ(why_not_signed(forged, parse_minisign(fixture(name), ""), message),
              "is not what the key 72D9E5A342FB9DE8 has signed");
  }
}

// Every byte of what is signed, and of the signature, counts.
TEST(Minisign, RefusesEveryChangedByte) {
  const MinisignKey key = read_minisign_key(kKey);
  for (const char* name : {"prehashed.minisig", "legacy.minisig"}) {
    const MinisignSignature sound = parse_minisign(fixture(name), name);
    const std::string message = fixture("message.json");
    const auto each = [&](std::string MinisignSignature::*part, const std::string& what) {
      for (std::size_t i = 0; i < (sound.*part).size(); ++i) {
        MinisignSignature changed = sound;
        (changed.*part)[i] = static_cast<char>((changed.*part)[i] ^ 1);
        EXPECT_NE(why_not_signed(key, changed, message).find(what), std::string::npos) << name << what << i;
      }
    };
    each(&MinisignSignature::id, "is signed by the key");
    each(&MinisignSignature::signature, "is not what");
    each(&MinisignSignature::global_signature, "has a trusted comment");
    each(&MinisignSignature::trusted_comment, "has a trusted comment");
    for (std::size_t i = 0; i <= message.size(); ++i) {
      std::string changed = message;
      changed.insert(i, " ");
      EXPECT_NE(why_not_signed(key, sound, changed), "") << i;
      if (i == message.size()) continue;
      changed = message;
      changed[i] = static_cast<char>(changed[i] ^ 1);
      EXPECT_NE(why_not_signed(key, sound, changed), "") << i;
    }
    MinisignSignature other = sound;
    other.prehashed = !sound.prehashed;
    EXPECT_NE(why_not_signed(key, other, message), "");
    other = sound;
    other.trusted_comment += ' ';
    EXPECT_NE(why_not_signed(key, other, message), "");
  }
}

TEST(Minisign, RefusesWhatIsNoSignature) {
  const std::string sound = fixture("legacy.minisig");
  ASSERT_EQ(refusal(sound), "");
  std::vector<std::string> lines;
  std::istringstream in(sound);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  const auto with = [&](std::size_t at, const std::string& line) {
    std::string text;
    for (std::size_t i = 0; i < lines.size(); ++i) text += (i == at ? line : lines[i]) + "\n";
    return text;
  };
  const auto says = [](const std::string& said, const char* what) { return said.find(what) != std::string::npos; };
  EXPECT_TRUE(says(refusal(""), "0 lines, not 4"));
  EXPECT_TRUE(says(refusal(sound + "more\n"), "5 lines, not 4"));
  EXPECT_TRUE(says(refusal(with(0, "comment: x")), "line 1"));
  EXPECT_TRUE(says(refusal(with(1, lines[3])), "line 2"));
  EXPECT_TRUE(says(refusal(with(1, "XX" + lines[1].substr(2))), "line 2"));
  EXPECT_TRUE(says(refusal(with(1, lines[1] + " ")), "line 2"));
  EXPECT_TRUE(says(refusal(with(2, "untrusted comment: x")), "line 3"));
  EXPECT_TRUE(says(refusal(with(3, lines[1])), "line 4"));
  EXPECT_TRUE(says(refusal(with(3, lines[3].substr(4))), "line 4"));
  EXPECT_EQ(refusal(with(0, "untrusted comment: anything")), "");
}

TEST(Minisign, DecodesBase64AndNothingElse) {
  // RFC 4648, section 10.
  EXPECT_EQ(decode_base64("Zg=="), "f");
  EXPECT_EQ(decode_base64("Zm8="), "fo");
  EXPECT_EQ(decode_base64("Zm9vYmFy"), "foobar");
  for (const char* bad : {"", "Z", "Zg=", "Zg===", "====", "Zm9v====", "Zh==", "Zm9=", " Zm9", "Zm9v\n", "Zm 9", "Z=9v",
                          "Zm-_", "\nZm9vYmFy\n\n\n"})
    EXPECT_EQ(decode_base64(bad), std::nullopt) << bad;
}

}  // namespace
}  // namespace tailbit::minisign_test
