// Reads `NOW_MS SSRC LAYER TIMESTAMP` by line, and prints for each whether the witness is shown the packet: 1 or 0.
// `forget SSRC` ends a consumer. Every draw gives the least (`min`) or the most (`max`), as the argument says.
#include <belfry/Glances.hpp>
#include <cstdio>
#include <cstring>

int main(int argc, char** argv)
{
	const bool least = argc == 2 && std::strcmp(argv[1], "min") == 0;
	const auto draw  = [least](uint32_t min, uint32_t max) { return least ? min : max; };
	belfry::Glances glances;
	char line[128];
	while (std::fgets(line, sizeof line, stdin) != nullptr)
	{
		long nowMs;
		unsigned ssrc, layer, timestamp;
		if (std::sscanf(line, "forget %u", &ssrc) == 1)
			glances.Forget(ssrc);
		else if (std::sscanf(line, "%ld %u %u %u", &nowMs, &ssrc, &layer, &timestamp) == 4)
			std::printf("%d\n", glances.IsDue(ssrc, layer, timestamp, nowMs, draw) ? 1 : 0);
		else
			return 1;
	}
	return 0;
}
