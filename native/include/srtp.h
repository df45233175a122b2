// Stand-in for libsrtp 3's header: the builder API that the worker speaks, over the structs of libsrtp 2, which is
// what Debian 12 packages.
#pragma once

// libsrtp 2's policy is a struct, libsrtp 3's is a handle: keep the old name out of the way.
#define srtp_policy_t srtp2_policy_t
#include <srtp2/srtp.h>
#undef srtp_policy_t

#include <cstdint>
#include <cstring>
#include <new>

// Error codes that libsrtp 2 does not have, with libsrtp 3's values.
inline constexpr auto srtp_err_status_buffer_small = static_cast<srtp_err_status_t>(28);
inline constexpr auto srtp_err_status_cryptex_err  = static_cast<srtp_err_status_t>(29);

struct Srtp3Policy
{
	srtp2_policy_t policy{};
	// Master key and master salt, one after the other. libsrtp 2 copies them in srtp_create().
	uint8_t key[SRTP_MAX_KEY_LEN]{};
};

using srtp_policy_t = Srtp3Policy*;

inline srtp_err_status_t srtp_policy_create(srtp_policy_t* policy)
{
	*policy = new (std::nothrow) Srtp3Policy();

	return *policy ? srtp_err_status_ok : srtp_err_status_alloc_fail;
}

inline void srtp_policy_destroy(srtp_policy_t policy)
{
	if (policy)
	{
		explicit_bzero(policy->key, sizeof(policy->key));
	}

	delete policy;
}

inline srtp_err_status_t srtp_policy_set_ssrc(srtp_policy_t policy, srtp_ssrc_t ssrc)
{
	policy->policy.ssrc = ssrc;

	return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_policy_set_profile(srtp_policy_t policy, srtp_profile_t profile)
{
	const auto err = srtp_crypto_policy_set_from_profile_for_rtp(&policy->policy.rtp, profile);

	return err ? err : srtp_crypto_policy_set_from_profile_for_rtcp(&policy->policy.rtcp, profile);
}

inline srtp_err_status_t srtp_policy_add_key(
  srtp_policy_t policy,
  const uint8_t* key,
  size_t keyLen,
  const uint8_t* salt,
  size_t saltLen,
  const uint8_t* /*mki*/,
  size_t mkiLen)
{
	if (keyLen + saltLen > sizeof(policy->key) || mkiLen != 0)
	{
		return srtp_err_status_bad_param;
	}

	std::memcpy(policy->key, key, keyLen);
	std::memcpy(policy->key + keyLen, salt, saltLen);
	policy->policy.key = policy->key;

	return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_policy_set_allow_repeat_tx(srtp_policy_t policy, bool allow)
{
	policy->policy.allow_repeat_tx = allow ? 1 : 0;

	return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_policy_set_window_size(srtp_policy_t policy, size_t size)
{
	policy->policy.window_size = size;

	return srtp_err_status_ok;
}

inline srtp_err_status_t srtp_create(srtp_t* session, srtp_policy_t policy)
{
	return srtp_create(session, &policy->policy);
}

inline srtp_err_status_t srtp_stream_remove(srtp_t session, uint32_t ssrcInNetworkOrder)
{
	return srtp_remove_stream(session, ssrcInNetworkOrder);
}

namespace belfry
{
	// What protecting a packet may add to it: authentication tag, MKI, and the index word of SRTCP.
	inline constexpr size_t MaxTrailerBytes{ SRTP_MAX_TRAILER_LEN + 4u };

	// libsrtp 2 works in place, libsrtp 3 from one buffer into another.
	template<typename Operation>
	srtp_err_status_t inPlace(
	  Operation operation, srtp_t session, const uint8_t* in, size_t inLen, uint8_t* out, size_t* outLen, size_t growthBytes)
	{
		if (inLen + growthBytes > *outLen)
		{
			return srtp_err_status_buffer_small;
		}

		if (in != out)
		{
			std::memcpy(out, in, inLen);
		}

		int len        = static_cast<int>(inLen);
		const auto err = operation(session, out, &len);

		if (err == srtp_err_status_ok)
		{
			*outLen = static_cast<size_t>(len);
		}

		return err;
	}
} // namespace belfry

inline srtp_err_status_t srtp_protect(
  srtp_t session, const uint8_t* rtp, size_t rtpLen, uint8_t* srtp, size_t* srtpLen, size_t /*mkiIndex*/)
{
	const auto protect = [](srtp_t s, void* packet, int* len) { return srtp_protect(s, packet, len); };

	return belfry::inPlace(protect, session, rtp, rtpLen, srtp, srtpLen, belfry::MaxTrailerBytes);
}

inline srtp_err_status_t srtp_unprotect(
  srtp_t session, const uint8_t* srtp, size_t srtpLen, uint8_t* rtp, size_t* rtpLen)
{
	const auto unprotect = [](srtp_t s, void* packet, int* len) { return srtp_unprotect(s, packet, len); };

	return belfry::inPlace(unprotect, session, srtp, srtpLen, rtp, rtpLen, 0);
}

inline srtp_err_status_t srtp_protect_rtcp(
  srtp_t session, const uint8_t* rtcp, size_t rtcpLen, uint8_t* srtcp, size_t* srtcpLen, size_t /*mkiIndex*/)
{
	const auto protect = [](srtp_t s, void* packet, int* len) { return srtp_protect_rtcp(s, packet, len); };

	return belfry::inPlace(protect, session, rtcp, rtcpLen, srtcp, srtcpLen, belfry::MaxTrailerBytes);
}

inline srtp_err_status_t srtp_unprotect_rtcp(
  srtp_t session, const uint8_t* srtcp, size_t srtcpLen, uint8_t* rtcp, size_t* rtcpLen)
{
	const auto unprotect = [](srtp_t s, void* packet, int* len) { return srtp_unprotect_rtcp(s, packet, len); };

	return belfry::inPlace(unprotect, session, srtcp, srtcpLen, rtcp, rtcpLen, 0);
}
