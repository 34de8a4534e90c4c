// One process per option, so that a change of one option's vol does not wake all others; spots and the rate are shared.
#include <cmath>

#include <ql/exercise.hpp>
#include <ql/instruments/europeanoption.hpp>
#include <ql/pricingengines/vanilla/analyticeuropeanengine.hpp>
#include <ql/processes/blackscholesprocess.hpp>
#include <ql/quotes/simplequote.hpp>
#include <ql/settings.hpp>
#include <ql/termstructures/volatility/equityfx/blackconstantvol.hpp>
#include <ql/termstructures/yield/flatforward.hpp>
#include <ql/time/calendars/nullcalendar.hpp>
#include <ql/time/daycounters/actual365fixed.hpp>

#include "bench/peers/peers.hpp"

namespace tailbit::bench {
namespace ql = QuantLib;

struct QuantlibEngine::Impl {
  const PeerProblem& problem;
  std::vector<ql::ext::shared_ptr<ql::SimpleQuote>> spots, vols;  // [underlyings], [options]
  std::vector<ql::ext::shared_ptr<ql::EuropeanOption>> options;
};

QuantlibEngine::QuantlibEngine(const PeerProblem& problem) : impl_(new Impl{problem, {}, {}, {}}) {
  const ql::Date today(2, ql::January, 2026);
  const ql::DayCounter days = ql::Actual365Fixed();
  ql::Settings::instance().evaluationDate() = today;
  const auto rate = ql::ext::make_shared<ql::SimpleQuote>(problem.usd_rate);
  const ql::Handle<ql::YieldTermStructure> curve(
      ql::ext::make_shared<ql::FlatForward>(today, ql::Handle<ql::Quote>(rate), days));
  for (std::size_t u = 0; u < problem.spots.size(); ++u)
    impl_->spots.push_back(ql::ext::make_shared<ql::SimpleQuote>(problem.spot_today));
  for (const PeerOption& option : problem.options) {
    const ql::Handle<ql::Quote> spot(impl_->spots[static_cast<std::size_t>(option.underlying)]);
    impl_->vols.push_back(ql::ext::make_shared<ql::SimpleQuote>(option.vol > 0.0 ? option.vol : 0.6));
    const ql::Handle<ql::BlackVolTermStructure> vol(ql::ext::make_shared<ql::BlackConstantVol>(
        today, ql::NullCalendar(), ql::Handle<ql::Quote>(impl_->vols.back()), days));
    const auto process = ql::ext::make_shared<ql::BlackScholesProcess>(spot, curve, vol);
    impl_->options.push_back(ql::ext::make_shared<ql::EuropeanOption>(
        ql::ext::make_shared<ql::PlainVanillaPayoff>(option.call ? ql::Option::Call : ql::Option::Put, option.strike),
        ql::ext::make_shared<ql::EuropeanExercise>(today + option.days)));
    impl_->options.back()->setPricingEngine(ql::ext::make_shared<ql::AnalyticEuropeanEngine>(process));
  }
}

QuantlibEngine::~QuantlibEngine() = default;

void QuantlibEngine::profit(std::vector<double>& profit) {
  const PeerProblem& problem = impl_->problem;
  for (std::size_t i = 0; i < profit.size(); ++i) {
    for (std::size_t u = 0; u < problem.spots.size(); ++u) impl_->spots[u]->setValue(problem.spots[u][i]);
    for (std::size_t j = 0; j < problem.options.size(); ++j) {
      const PeerOption& option = problem.options[j];
      if (option.vol == 0.0) {
        const double forward = problem.spots[static_cast<std::size_t>(option.underlying)][i] * option.growth;
        impl_->vols[j]->setValue(total_stdev(option, forward) / std::sqrt(option.years));
      }
      profit[i] += option.quantity * (impl_->options[j]->NPV() - option.value_today);
    }
  }
}

}  // namespace tailbit::bench
