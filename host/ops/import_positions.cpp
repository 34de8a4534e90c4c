#include "host/ops/import_positions.hpp"

#include <filesystem>

#include "host/io/files.hpp"
#include "host/io/write_book.hpp"
#include "host/io/write_inputs.hpp"
#include "host/report/digest.hpp"

namespace tailbit {
namespace {

using Json = nlohmann::ordered_json;

// Positions of size zero, which venues list for a while after closing, are set aside.
class ImportRows : public BookRows {
 public:
  using BookRows::BookRows;
  Json take_dropped() { return std::move(dropped_); }

 protected:
  bool wanted(const PositionRow& row, const RowPlace& place) override {
    if (row.quantity != 0.0) return true;
    dropped_.push_back({{"where", place.of("")}, {"instrument", row.instrument}, {"reason", "its size is zero"}});
    return false;
  }

 private:
  Json dropped_ = Json::array();
};

Positions labelled(const Positions& positions, const ImportLabels& labels) {
  Positions out;
  out.reserve(positions.size());
  for (PositionRow row : positions) {
    row.account = labels.account;
    row.desk = labels.desk;
    if (labels.venue) row.venue = *labels.venue;
    out.push_back(row);
  }
  return out;
}

}  // namespace

Json import_positions(VenueFormat format, const std::string& path, const std::string& out_dir,
                      const ImportLabels& labels) {
  Problems problems;
  std::vector<std::string> warnings;
  ImportRows rows(path, problems);
  read_venue_positions(format, rows, warnings);
  problems.throw_if_any();
  Json dropped = rows.take_dropped();
  const Positions book = labelled(rows.take_positions(), labels);
  const std::size_t read = book.size() + dropped.size();

  make_folder(out_dir);
  write_book_csv(out_dir + "/book.csv", book);
  Json json = {{"schema", "tailbit.import/1"},
               {"kind", format == VenueFormat::deribit ? "deribit-positions" : "ccxt-positions"},
               {"source", std::filesystem::path(path).filename().string()},
               {"source_sha256", sha256_file(path)},
               {"rows", read},
               {"imported", book.size()},
               {"dropped", std::move(dropped)},
               {"warnings", warnings}};
  write_file(out_dir + "/import_report.json", json_text(json));
  return json;
}

}  // namespace tailbit
