#include "host/ops/ranks.hpp"

#include <cstring>

#include <nlohmann/json.hpp>

namespace tailbit {
namespace {

using Json = nlohmann::ordered_json;

// Names of machines and devices are bytes of somebody else's.
std::string compact(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

}  // namespace

std::string rank_text(int rank, const std::string& host) { return "rank " + std::to_string(rank) + " (" + host + ")"; }

std::string to_message(const ScenarioChunk& chunk) {
  return compact({{"first", chunk.range.first}, {"count", chunk.range.count}, {"audit", chunk.audit}});
}

ScenarioChunk to_chunk(const std::string& message) {
  const Json json = Json::parse(message);
  return {{json.at("first"), json.at("count")}, json.at("audit")};
}

std::string begin_part_message(std::uint64_t audited_blocks) {
  return {reinterpret_cast<const char*>(&audited_blocks), sizeof audited_blocks};
}

RankPart to_part(std::string_view message) {
  RankPart part;
  std::memcpy(&part.audited_blocks, message.data(), sizeof part.audited_blocks);
  part.part = message.substr(sizeof part.audited_blocks);
  return part;
}

std::string to_message(const RankReady& ready) {
  return compact({{"run_id", ready.run_id},
                  {"host", ready.host},
                  {"device", ready.device},
                  {"devices", ready.devices},
                  {"threads", ready.threads},
                  {"warnings", ready.warnings},
                  {"hardware", ready.hardware}});
}

RankReady to_ready(const std::string& message) {
  const Json json = Json::parse(message);
  return {json.at("run_id"),  json.at("host"),     json.at("device"),  json.at("devices"),
          json.at("threads"), json.at("warnings"), json.at("hardware")};
}

std::string to_message(const RankFailure& failure) {
  return compact({{"host", failure.host},
                  {"code", static_cast<int>(failure.code)},
                  {"message", failure.message},
                  {"wrong_bits", failure.wrong_bits}});
}

RankFailure to_failure(const std::string& message) {
  const Json json = Json::parse(message);
  return {json.at("host"), static_cast<ExitCode>(json.at("code").get<int>()), json.at("message"),
          json.at("wrong_bits")};
}

void dismiss(Ranks& ranks, int code) {
  const int others = ranks.place().count - 1;
  for (int rank = 1; rank <= others; ++rank) ranks.send(rank, Ranks::Kind::end, std::to_string(code));
  for (int left = others; left > 0;) {
    const auto message = ranks.receive(std::chrono::milliseconds(100));
    if (message && message->kind == Ranks::Kind::bye) --left;
  }
}

}  // namespace tailbit
