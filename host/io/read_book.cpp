#include <map>

#include "host/io/book_readers.hpp"
#include "host/io/files.hpp"
#include "host/io/readers.hpp"
#include "host/io/text.hpp"

namespace tailbit {
namespace {

// Finds what the positions are in, and remembers who mentioned it first.
class Catalogue : public BookRows {
 public:
  Catalogue(const std::string& path, const std::map<std::string, Instrument>& defined, Problems& problems)
      : BookRows(path, problems), defined_(defined) {}

  void finish_book(Book& book) {
    for (auto& [name, mention] : used_) {
      book.instruments.push_back(std::move(mention.instrument));
      book.mentions.push_back({path(), std::move(mention.where)});
    }
    book.positions = take_positions();
  }

 protected:
  void first_met(std::string_view instrument, const std::string& where) override {
    const std::string name(instrument);
    if (const auto found = defined_.find(name); found != defined_.end()) {
      used_.emplace(name, Mention{found->second, where});
      return;
    }
    if (const auto listed = parse_listed_name(name)) {
      used_.emplace(name, Mention{*listed, where});
    } else {
      problem(where, "the instrument " + in_quotes(name) + " is unknown" + suggestion(name),
              "define it in the instruments file, or use a listed name such as BTC, BTC_USDC-PERPETUAL, "
              "SOL_USDC-27MAR26-150-P");
    }
  }

 private:
  struct Mention {
    Instrument instrument;
    std::string where;
  };
  // Looking through all ids takes a while, so only for problems that will be shown.
  std::string suggestion(const std::string& name) {
    if (problems().count() >= Problems::kMost) return "";
    std::vector<std::string> ids;
    for (const auto& [id, unused] : defined_) ids.push_back(id);
    return did_you_mean(name, ids);
  }

  const std::map<std::string, Instrument>& defined_;
  std::map<std::string, Mention> used_;
};

}  // namespace

BookFormat book_format(const std::string& path) {
  if (path.ends_with(".csv")) return BookFormat::csv;
  if (path.ends_with(".jsonl") || path.ends_with(".ndjson")) return BookFormat::json_lines;
  if (path.ends_with(".json")) return BookFormat::json;
  Problems unheard;  // whoever reads the file tells of them
  FileBytes file(path, ExitCode::bad_data, unheard);
  if (file.expected() == 0) return BookFormat::csv;  // what is read of a pipe is gone
  char beginning[256];
  std::string_view text(beginning, file.read(beginning, sizeof beginning));
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  const bool json = first != std::string_view::npos && (text[first] == '{' || text[first] == '[');
  return json ? BookFormat::json : BookFormat::csv;
}

Book read_book(const std::string& path, const std::map<std::string, Instrument>& defined, Problems& problems,
               std::vector<std::string>& warnings) {
  Catalogue rows(path, defined, problems);
  const BookFormat format = book_format(path);
  if (format == BookFormat::csv) {
    read_csv_book(rows);
  } else {
    read_json_book(format, rows, warnings);
  }
  Book book;
  rows.finish_book(book);
  return book;
}

void append(Book& book, Book more) {
  for (const PositionRow row : more.positions) book.positions.push_back(row);
  std::vector<Instrument> instruments;
  std::vector<Book::Mention> mentions;
  const auto take = [&](Book& from, std::size_t i) {
    instruments.push_back(std::move(from.instruments[i]));
    mentions.push_back(std::move(from.mentions[i]));
  };
  // Both are sorted by id; of one that is in both, the earlier mention stays.
  std::size_t i = 0, j = 0;
  while (i < book.instruments.size() || j < more.instruments.size()) {
    const bool none_left = i == book.instruments.size();
    if (none_left || (j < more.instruments.size() && more.instruments[j].id < book.instruments[i].id)) {
      take(more, j++);
      continue;
    }
    if (j < more.instruments.size() && more.instruments[j].id == book.instruments[i].id) ++j;
    take(book, i++);
  }
  book.instruments = std::move(instruments);
  book.mentions = std::move(mentions);
}

}  // namespace tailbit
