// Which packets the relay's witness is shown. Bringing a packet into the relay's process costs as much as forwarding it
// to twenty viewers, so the witness sees each stream's first seconds, and from then on a glance now and again, at times
// that nobody can foresee. docs/adr/0046.
#ifndef BELFRY_GLANCES_HPP
#define BELFRY_GLANCES_HPP

#include <cstdint>
#include <map>
#include <utility>

namespace belfry
{
	// A stream is one layer: an SSRC, and within it a spatial layer where the codec has those in one SSRC (VP9).
	// Only packets that begin a frame are shown, since no others can be judged. One does so whose RTP timestamp is newer
	// than all before it in its stream (RFC 3550, section 5.1): packets that were lost and come again begin nothing.
	class Glances
	{
	public:
		// Every frame of a new stream is shown for so long.
		static constexpr int64_t FirstMs{ 3000 };
		// A stream that rested for so long is a new one: its sender may have begun again.
		static constexpr int64_t RestMs{ 1000 };
		// From then on one frame, after a time drawn anew for each. Shorter costs more, longer lets more pass in clear.
		static constexpr uint32_t MinPauseMs{ 1000 };
		static constexpr uint32_t MaxPauseMs{ 2000 };
		// Where no frame seems to begin for so long, any packet is shown: a sender's timestamps may jump back.
		static constexpr int64_t PatienceMs{ 500 };

	public:
		// `draw(min, max)` gives a random number of that range, both included.
		template<typename Draw>
		bool IsDue(uint32_t ssrc, uint8_t layer, uint32_t timestamp, int64_t nowMs, Draw draw)
		{
			auto [it, isNew] = this->streams.try_emplace(std::make_pair(ssrc, layer));
			auto& stream     = it->second;

			if (isNew || nowMs - stream.lastMs >= RestMs)
			{
				stream.everyUntilMs = nowMs + FirstMs;
				stream.dueMs        = nowMs;
				stream.newest       = timestamp - 1;
			}

			stream.lastMs = nowMs;

			const bool begins = static_cast<int32_t>(timestamp - stream.newest) > 0;

			if (begins)
			{
				stream.newest = timestamp;
			}

			if (nowMs < stream.dueMs || (!begins && nowMs < stream.dueMs + PatienceMs))
			{
				return false;
			}

			stream.newest = timestamp;
			stream.dueMs  = nowMs + (nowMs < stream.everyUntilMs ? 0 : draw(MinPauseMs, MaxPauseMs));

			return true;
		}

		// Of a consumer that ended. That bounds the table: its own SSRCs, layers of three bits.
		void Forget(uint32_t ssrc)
		{
			this->streams.erase(
			  this->streams.lower_bound({ ssrc, 0 }), this->streams.upper_bound({ ssrc, UINT8_MAX }));
		}

	private:
		struct Stream
		{
			int64_t everyUntilMs{ 0 };
			int64_t dueMs{ 0 };
			int64_t lastMs{ 0 };
			uint32_t newest{ 0 };
		};

		std::map<std::pair<uint32_t, uint8_t>, Stream> streams;
	};
} // namespace belfry

#endif
